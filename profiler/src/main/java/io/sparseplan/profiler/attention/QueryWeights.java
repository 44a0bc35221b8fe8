package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The softmax weights that some queries of a causal head give to single keys within the layer's
 * reach. Scratch of one worker.
 */
final class QueryWeights {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final PackedKeyValues keyValues;
  private final RotaryTable rotary;
  private final QueryPanel panel;
  private final int[] queries = new int[WIDTH];

  /** Sees each pair of a query and a key that is not after it. */
  @FunctionalInterface
  interface Sink {
    void add(int query, int key, float weight);
  }

  QueryWeights(PackedKeyValues keyValues, RotaryTable rotary) {
    this.keyValues = keyValues;
    this.rotary = rotary;
    this.panel = new QueryPanel(keyValues, QueryPanel.scoresScratch(keyValues));
  }

  /**
   * Shows the weights of the queries from {@code first} up to {@code end}.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   */
  void forEach(Activations q, int head, int first, int end, Sink sink) {
    TileGrid grid = keyValues.grid();
    int to;
    for (int from = first; from < end; from = to) {
      int queryTile = from / grid.tile().tokens();
      to = Math.min(Math.min(from + WIDTH, end), grid.endToken(queryTile));
      for (int query = from; query < to; query++) {
        queries[query - from] = query;
      }
      panel.load(q, rotary, head, queries, 0, to - from);
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        if (!keyValues.hides(keyTile, queryTile)) {
          panel.absorb(keyTile);
        }
      }
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        if (!keyValues.hides(keyTile, queryTile)) {
          show(keyTile, sink);
        }
      }
    }
  }

  /** The softmax weights of the panel's queries on the keys of one tile. */
  private void show(int keyTile, Sink sink) {
    TileGrid grid = keyValues.grid();
    int firstKey = grid.firstToken(keyTile);
    int keys = Math.min(panel.score(keyTile), grid.endToken(keyTile) - firstKey);
    float[] weights = panel.scores();
    for (int half = 0; half < WIDTH; half += LANES) {
      FloatVector max = FloatVector.fromArray(SPECIES, panel.state().max(), half);
      FloatVector sum = FloatVector.fromArray(SPECIES, panel.state().sum(), half);
      for (int at = half; at < keys * WIDTH; at += WIDTH) {
        Exp2.of(FloatVector.fromArray(SPECIES, weights, at).sub(max))
            .div(sum)
            .intoArray(weights, at);
      }
    }
    for (int row = 0; row < keys; row++) {
      int key = firstKey + row;
      for (int lane = 0; lane < panel.lanesUsed(); lane++) {
        if (panel.token(lane) >= key) {
          sink.add(panel.token(lane), key, weights[row * WIDTH + lane]);
        }
      }
    }
  }
}
