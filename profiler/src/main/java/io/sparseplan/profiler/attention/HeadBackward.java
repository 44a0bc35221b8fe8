package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.PLAIN_ROWS;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.profiler.attention.PanelBackward.TileMatrices;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.MicroKernel;
import java.util.Arrays;
import java.util.Optional;

/**
 * The backward pass of one query head's attention, or of a part of its query tiles, one after the
 * other. One worker's memory.
 *
 * <p>The weights A and ∂L/∂S of a pair of tiles are computed in panels of queries, {@code
 * [key][lane]}, which are at once the B operand of ∂L/∂Qᵀ += Kᵀ·(∂L/∂S)ᵀ. For ∂L/∂V += Aᵀ·G and
 * ∂L/∂K += (∂L/∂S)ᵀ·Q the sum runs over queries, so all panels also write both side by side, as
 * rows of A operands over all queries of the tile.
 */
final class HeadBackward {
  /** The loaded queries are in units of log₂. */
  private static final float LN_2 = 1 / Exp2.LOG2_E;

  private final PackedKeyValues keyValues;
  private final PackedBackwardKeyValues backwardKeyValues;
  private final RotaryTable rotary;
  private final int headDim;
  private final int elementPanels;
  private final PanelBackward[] panels;
  private final int keyRows;
  private final TileMatrices ofTile;
  private final float[][] queryRows;
  private final float[][] gradientRows;
  private final float[][][] keyGradients;
  private final float[][][] valueGradients;
  private final int[] tokens;

  HeadBackward(
      RotaryTable rotary, PackedKeyValues keyValues, PackedBackwardKeyValues backwardKeyValues) {
    this.rotary = rotary;
    this.keyValues = keyValues;
    this.backwardKeyValues = backwardKeyValues;
    headDim = keyValues.shape().headDim().count();
    elementPanels = Math.ceilDiv(headDim, WIDTH);
    TileGrid grid = keyValues.grid();
    int tile = grid.tile().tokens();
    panels = new PanelBackward[Math.ceilDiv(tile, WIDTH)];
    int queryDepth = panels.length * WIDTH;
    keyRows = Math.ceilDiv(tile, PLAIN_ROWS) * PLAIN_ROWS;
    // Rows a power of two apart would share few lines of a first-level cache.
    int stride = queryDepth + FloatLanes.WIDEST;
    ofTile = new TileMatrices(new float[keyRows * stride], new float[keyRows * stride], stride);
    float[] panelScores = QueryPanel.scoresScratch(keyValues);
    float[] panelGradients = QueryPanel.scoresScratch(keyValues);
    Arrays.setAll(
        panels,
        panel -> new PanelBackward(keyValues, panelScores, panelGradients, ofTile, panel * WIDTH));
    queryRows = new float[elementPanels][queryDepth * WIDTH];
    gradientRows = new float[elementPanels][queryDepth * WIDTH];
    keyGradients = new float[grid.tiles()][elementPanels][keyRows * WIDTH];
    valueGradients = new float[grid.tiles()][elementPanels][keyRows * WIDTH];
    tokens = new int[tile];
  }

  /** Every {@code step}-th query tile from {@code first} on. */
  record QueryTiles(int first, int step) {}

  /**
   * Takes back some query tiles.
   *
   * @param lists the tiles that the head visited
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param gradient ∂L/∂O, likewise
   * @param sums written for these query tiles
   * @param queryGradient written: ∂L/∂q of these query tiles, likewise; where there is none, no
   *     gradient is summed
   */
  void run(
      int head,
      QueryTiles queryTiles,
      TileLists lists,
      Activations q,
      AttentionOutput output,
      Activations gradient,
      BlockSums sums,
      Optional<Activations> queryGradient) {
    for (int tile = 0; tile < keyGradients.length; tile++) {
      for (int panel = 0; panel < elementPanels; panel++) {
        Arrays.fill(keyGradients[tile][panel], 0);
        Arrays.fill(valueGradients[tile][panel], 0);
      }
    }
    for (int queryTile = queryTiles.first();
        queryTile < keyValues.grid().tiles();
        queryTile += queryTiles.step()) {
      double[] mass = sums.mass()[queryTile];
      double[] influence = sums.influence()[queryTile];
      double entropyBits = 0;
      int used = load(head, queryTile, q, output, gradient);
      boolean hasGradient = hasGradient(used);
      for (int nth = 0; nth < lists.count(queryTile); nth++) {
        int keyTile = lists.keyTile(queryTile, nth);
        boolean takesBack = hasGradient && queryGradient.isPresent();
        for (int panel = 0; panel < used; panel++) {
          if (takesBack) {
            takeBack(head, keyTile, panel);
          } else if (hasGradient) {
            panels[panel].differentiate(keyTile, values(head, keyTile));
          } else {
            panels[panel].weigh(keyTile);
          }
          mass[keyTile] = panels[panel].addTileMass(mass[keyTile]);
          influence[keyTile] = panels[panel].addTileInfluence(influence[keyTile]);
          entropyBits = panels[panel].addTileEntropyBits(entropyBits);
        }
        if (takesBack) {
          addToKeysAndValues(keyTile, used);
        }
      }
      sums.entropyBits()[queryTile] = entropyBits;
      for (int panel = 0; panel < used; panel++) {
        panels[panel].addHeavyInfluence(influence);
        if (queryGradient.isPresent()) {
          panels[panel].store(head, rotary, queryGradient.get());
        }
      }
    }
  }

  /** Loads the queries of a tile; returns how many panels they fill. */
  private int load(
      int head, int queryTile, Activations q, AttentionOutput output, Activations gradient) {
    TileGrid grid = keyValues.grid();
    int first = grid.firstToken(queryTile);
    int count = grid.endToken(queryTile) - first;
    for (int row = 0; row < count; row++) {
      tokens[row] = first + row;
    }
    int used = Math.ceilDiv(count, WIDTH);
    for (int panel = 0; panel < used; panel++) {
      int from = panel * WIDTH;
      int end = Math.min(from + WIDTH, count);
      panels[panel].load(q, output, gradient, rotary, head, tokens, from, end);
      for (int d = 0; d < headDim; d++) {
        float[] queries = queryRows[d / WIDTH];
        float[] gradients = gradientRows[d / WIDTH];
        for (int lane = 0; lane < WIDTH; lane++) {
          int at = (from + lane) * WIDTH + d % WIDTH;
          queries[at] = panels[panel].queries()[d * WIDTH + lane];
          gradients[at] = panels[panel].gradients()[d * WIDTH + lane];
        }
      }
    }
    return used;
  }

  /** Of the last layer only rows with a loss have a gradient, and none after the last such row. */
  private boolean hasGradient(int used) {
    for (int panel = 0; panel < used; panel++) {
      if (panels[panel].hasGradient()) {
        return true;
      }
    }
    return false;
  }

  private float[] values(int head, int keyTile) {
    return backwardKeyValues.values(head / keyValues.shape().groupSize(), keyTile);
  }

  private void takeBack(int head, int keyTile, int panel) {
    int kvHead = head / keyValues.shape().groupSize();
    PanelBackward queries = panels[panel];
    queries.takeBack(keyTile, values(head, keyTile), backwardKeyValues.keys(kvHead, keyTile));
  }

  private void addToKeysAndValues(int keyTile, int used) {
    int queries = used * WIDTH;
    int stride = ofTile.stride();
    for (int panel = 0; panel < elementPanels; panel++) {
      for (int row = 0; row < keyRows; row += PLAIN_ROWS) {
        float[] sums = valueGradients[keyTile][panel];
        float[] factors = gradientRows[panel];
        MicroKernel.addPlainRows(
            ofTile.weights(), row * stride, stride, factors, 0, queries, sums, row * WIDTH);
      }
      for (int row = 0; row < keyRows; row += PLAIN_ROWS) {
        float[] sums = keyGradients[keyTile][panel];
        float[] factors = queryRows[panel];
        MicroKernel.addPlainRows(
            ofTile.scoreGradients(), row * stride, stride, factors, 0, queries, sums, row * WIDTH);
      }
    }
  }

  /**
   * Writes what these query tiles add to the gradients of its rotated keys and its values, {@code
   * [token][head · headDim]}.
   */
  void store(int head, Activations ofKeys, Activations ofValues) {
    TileGrid grid = keyValues.grid();
    for (int tile = 0; tile < grid.tiles(); tile++) {
      int first = grid.firstToken(tile);
      for (int token = first; token < grid.endToken(tile); token++) {
        int at = ofKeys.at(token) + head * headDim;
        for (int d = 0; d < headDim; d++) {
          int from = (token - first) * WIDTH + d % WIDTH;
          ofKeys.data()[at + d] = keyGradients[tile][d / WIDTH][from] * LN_2;
          ofValues.data()[at + d] = valueGradients[tile][d / WIDTH][from];
        }
      }
    }
  }
}
