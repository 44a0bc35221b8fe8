package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.PanelSplit;
import java.util.Arrays;

/**
 * The backward pass of one query head's attention, query tile by query tile. One worker's memory.
 *
 * <p>The weights A and ∂L/∂S of a pair of tiles are computed in panels of queries, {@code
 * [key][lane]}, which are at once the B operand of ∂L/∂Qᵀ += Kᵀ·(∂L/∂S)ᵀ. For ∂L/∂V += Aᵀ·G and
 * ∂L/∂K += (∂L/∂S)ᵀ·Q the sum runs over queries, so both are packed again as A operands over all
 * queries of the tile.
 */
final class HeadBackward {
  /** The loaded queries are in units of log₂. */
  private static final float LN_2 = 1 / Exp2.LOG2_E;

  private final PackedKeyValues keyValues;
  private final PackedBackwardKeyValues backwardKeyValues;
  private final RotaryTable rotary;
  private final int headDim;
  private final int elementPanels;
  private final int queryDepth;
  private final PanelBackward[] panels;
  private final float[] weights;
  private final float[] scoreGradients;
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
    float[] panelScores = QueryPanel.scoresScratch(keyValues);
    float[] panelGradients = QueryPanel.scoresScratch(keyValues);
    Arrays.setAll(panels, panel -> new PanelBackward(keyValues, panelScores, panelGradients));
    queryDepth = panels.length * WIDTH;
    int keyRows = keyValues.keySplit().paddedRows();
    weights = new float[keyRows * queryDepth];
    scoreGradients = new float[keyRows * queryDepth];
    queryRows = new float[elementPanels][queryDepth * WIDTH];
    gradientRows = new float[elementPanels][queryDepth * WIDTH];
    keyGradients = new float[grid.tiles()][elementPanels][keyRows * WIDTH];
    valueGradients = new float[grid.tiles()][elementPanels][keyRows * WIDTH];
    tokens = new int[tile];
  }

  /**
   * @param lists the tiles that the head visited
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param gradient ∂L/∂O, likewise
   * @param queryGradient written: ∂L/∂q, likewise
   */
  AttentionBlocks run(
      int head,
      TileLists lists,
      Activations q,
      AttentionOutput output,
      Activations gradient,
      Activations queryGradient) {
    for (int tile = 0; tile < keyGradients.length; tile++) {
      for (int panel = 0; panel < elementPanels; panel++) {
        Arrays.fill(keyGradients[tile][panel], 0);
        Arrays.fill(valueGradients[tile][panel], 0);
      }
    }
    TileGrid grid = keyValues.grid();
    double[][] mass = new double[grid.tiles()][];
    double[][] influence = new double[grid.tiles()][];
    double entropyBits = 0;
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      mass[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
      influence[queryTile] = new double[mass[queryTile].length];
      int used = load(head, queryTile, q, output, gradient);
      boolean hasGradient = hasGradient(used);
      for (int nth = 0; nth < lists.count(queryTile); nth++) {
        int keyTile = lists.keyTile(queryTile, nth);
        if (hasGradient) {
          takeBack(head, keyTile, used);
        } else {
          weigh(keyTile, used);
        }
        for (int panel = 0; panel < used; panel++) {
          mass[queryTile][keyTile] = panels[panel].addTileMass(mass[queryTile][keyTile]);
          influence[queryTile][keyTile] =
              panels[panel].addTileInfluence(influence[queryTile][keyTile]);
          entropyBits = panels[panel].addTileEntropyBits(entropyBits);
        }
      }
      for (int panel = 0; panel < used; panel++) {
        panels[panel].addHeavyInfluence(influence[queryTile]);
        panels[panel].store(head, rotary, queryGradient);
      }
    }
    return new AttentionBlocks(mass, influence, entropyBits);
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

  private void weigh(int keyTile, int used) {
    for (int panel = 0; panel < used; panel++) {
      panels[panel].weigh(keyTile);
    }
  }

  private void takeBack(int head, int keyTile, int used) {
    int kvHead = head / keyValues.shape().groupSize();
    float[] values = backwardKeyValues.values(kvHead, keyTile);
    float[] keys = backwardKeyValues.keys(kvHead, keyTile);
    PanelSplit keySplit = keyValues.keySplit();
    for (int panel = 0; panel < used; panel++) {
      PanelBackward queries = panels[panel];
      queries.takeBack(keyTile, values, keys);
      for (int key = 0; key < keySplit.rows(); key++) {
        keySplit.putRow(
            weights, queryDepth, key, panel * WIDTH, queries.weights(), key * WIDTH, WIDTH);
        keySplit.putRow(
            scoreGradients,
            queryDepth,
            key,
            panel * WIDTH,
            queries.scoreGradients(),
            key * WIDTH,
            WIDTH);
      }
    }
    for (int panel = 0; panel < elementPanels; panel++) {
      keySplit.multiply(
          weights,
          0,
          queryDepth,
          gradientRows[panel],
          used * WIDTH,
          valueGradients[keyTile][panel],
          keySplit.rows(),
          true);
      keySplit.multiply(
          scoreGradients,
          0,
          queryDepth,
          queryRows[panel],
          used * WIDTH,
          keyGradients[keyTile][panel],
          keySplit.rows(),
          true);
    }
  }

  /**
   * Writes what the head adds to the gradients of its rotated keys and its values, {@code
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
