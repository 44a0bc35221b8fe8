package io.sparseplan.profiler.statistics;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.QueryPanel;
import io.sparseplan.profiler.attention.QueryPanel.Accumulator;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scores any sets of key tiles for a few queries in one pass over the keys and values.
 *
 * <p>Idea: the softmax over each key tile alone is kept as a maximum, a sum and a weighted sum of
 * values (flash attention's partial results). The attention over any set of tiles is the
 * re-normalised sum of theirs, one vector addition a tile, where computing a tile takes hundreds.
 * Each sum is relative to the largest maximum of its own set, so that a set that keeps next to no
 * weight is as exact as one that keeps all. Memory is one output row a key tile. One worker's
 * scratch.
 */
final class PanelScorer {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final PackedKeyValues keyValues;
  private final QueryPanel panel;
  private final int[] queries = new int[WIDTH];
  private final int headDim;
  private final Accumulator[] ofTile;
  private final float[] setOutput;
  private final float[] ranOutput;
  private final float[] gradient;
  private final float[][] mass;
  private final float[][] scale;
  private final float[] squaredNorm = new float[WIDTH];
  private final float[] kept = new float[WIDTH];
  private final float[] squaredError = new float[WIDTH];
  private final float[] change = new float[WIDTH];

  PanelScorer(PackedKeyValues keyValues, int headDim, int tiles) {
    this.keyValues = keyValues;
    this.panel = new QueryPanel(keyValues, QueryPanel.scoresScratch(keyValues));
    this.headDim = headDim;
    int outputRows = Math.ceilDiv(panel.state().output().length / WIDTH, 4) * 4;
    ofTile = new Accumulator[tiles];
    Arrays.setAll(ofTile, tile -> new Accumulator(outputRows));
    setOutput = new float[outputRows * WIDTH];
    ranOutput = new float[headDim * WIDTH];
    gradient = new float[headDim * WIDTH];
    mass = new float[tiles][WIDTH];
    scale = new float[tiles][WIDTH];
  }

  /**
   * Scores the queries and adds what was found.
   *
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @param firstQuery the first of 1..WIDTH queries of the query tile
   * @param endQuery one past the last
   */
  void score(
      LayerAttention layer,
      Activations outputGradient,
      int head,
      int queryTile,
      int firstQuery,
      int endQuery,
      KeyTileSets sets,
      UnitSums sums) {
    for (int query = firstQuery; query < endQuery; query++) {
      queries[query - firstQuery] = query;
    }
    panel.load(layer.q(), layer.rotary(), head, queries, 0, endQuery - firstQuery);
    loadRows(layer.output().o(), head, ranOutput);
    loadRows(outputGradient, head, gradient);
    int visible = keyValues.grid().lastVisibleKeyTile(queryTile) + 1;
    for (int keyTile = 0; keyTile < visible; keyTile++) {
      ofTile[keyTile].clear();
      if (!keyValues.hides(keyTile, queryTile)) {
        panel.absorb(keyTile, ofTile[keyTile]);
      }
    }
    for (int half = 0; half < WIDTH; half += LANES) {
      shareOut(visible, half);
    }
    int firstRow = sums.rows;
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      sums.addRow(squaredNorm[lane]);
      for (int keyTile = 0; keyTile < visible; keyTile++) {
        sums.addMass(keyTile, mass[keyTile][lane]);
      }
    }
    for (int set = 0; set < sets.count(); set++) {
      if (!sets.isAsRan(set)) {
        for (int half = 0; half < WIDTH; half += LANES) {
          compare(sets.keyTiles(set), half);
        }
        for (int lane = 0; lane < panel.lanesUsed(); lane++) {
          sums.addSet(
              set, firstRow + lane, Math.min(1, kept[lane]), squaredError[lane], change[lane]);
        }
      }
    }
  }

  private void loadRows(Activations source, int head, float[] target) {
    for (int lane = 0; lane < WIDTH; lane++) {
      int at = source.at(panel.token(lane)) + head * headDim;
      for (int d = 0; d < headDim; d++) {
        target[d * WIDTH + lane] = source.data()[at + d];
      }
    }
  }

  /** Sets the share of the softmax weight that each visible tile has, and ‖O‖². */
  private void shareOut(int visible, int half) {
    FloatVector max = FloatVector.fromArray(SPECIES, ofTile[0].max(), half);
    for (int keyTile = 1; keyTile < visible; keyTile++) {
      max = max.max(FloatVector.fromArray(SPECIES, ofTile[keyTile].max(), half));
    }
    FloatVector total = FloatVector.zero(SPECIES);
    for (int keyTile = 0; keyTile < visible; keyTile++) {
      FloatVector sum =
          FloatVector.fromArray(SPECIES, ofTile[keyTile].sum(), half)
              .mul(Exp2.of(FloatVector.fromArray(SPECIES, ofTile[keyTile].max(), half).sub(max)));
      sum.intoArray(mass[keyTile], half);
      total = total.add(sum);
    }
    for (int keyTile = 0; keyTile < visible; keyTile++) {
      FloatVector.fromArray(SPECIES, mass[keyTile], half).div(total).intoArray(mass[keyTile], half);
    }
    FloatVector norm = FloatVector.zero(SPECIES);
    for (int at = half; at < headDim * WIDTH; at += WIDTH) {
      FloatVector o = FloatVector.fromArray(SPECIES, ranOutput, at);
      norm = o.fma(o, norm);
    }
    norm.intoArray(squaredNorm, half);
  }

  /** Sets what attention over these tiles alone keeps and changes. Without any tile O_c is zero. */
  private void compare(int[] keyTiles, int half) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector share = FloatVector.zero(SPECIES);
    for (int keyTile : keyTiles) {
      max = max.max(FloatVector.fromArray(SPECIES, ofTile[keyTile].max(), half));
      share = share.add(FloatVector.fromArray(SPECIES, mass[keyTile], half));
    }
    share.intoArray(kept, half);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < keyTiles.length; i++) {
      Accumulator tile = ofTile[keyTiles[i]];
      FloatVector shrink = Exp2.of(FloatVector.fromArray(SPECIES, tile.max(), half).sub(max));
      shrink.intoArray(scale[i], half);
      sum = FloatVector.fromArray(SPECIES, tile.sum(), half).fma(shrink, sum);
    }
    FloatVector inverse =
        keyTiles.length == 0
            ? FloatVector.zero(SPECIES)
            : FloatVector.broadcast(SPECIES, 1).div(sum);
    addUp(keyTiles, half);
    FloatVector error = FloatVector.zero(SPECIES);
    FloatVector firstOrder = FloatVector.zero(SPECIES);
    for (int at = half; at < headDim * WIDTH; at += WIDTH) {
      FloatVector difference =
          FloatVector.fromArray(SPECIES, setOutput, at)
              .mul(inverse)
              .sub(FloatVector.fromArray(SPECIES, ranOutput, at));
      error = difference.fma(difference, error);
      firstOrder = difference.fma(FloatVector.fromArray(SPECIES, gradient, at), firstOrder);
    }
    error.intoArray(squaredError, half);
    firstOrder.intoArray(change, half);
  }

  /** Sets Σ factor · U over some tiles, four elements at a time: a factor is read once for them. */
  private void addUp(int[] keyTiles, int half) {
    for (int at = half; at < setOutput.length; at += 4 * WIDTH) {
      FloatVector sum0 = FloatVector.zero(SPECIES);
      FloatVector sum1 = FloatVector.zero(SPECIES);
      FloatVector sum2 = FloatVector.zero(SPECIES);
      FloatVector sum3 = FloatVector.zero(SPECIES);
      for (int i = 0; i < keyTiles.length; i++) {
        FloatVector factor = FloatVector.fromArray(SPECIES, scale[i], half);
        float[] ofOne = ofTile[keyTiles[i]].output();
        sum0 = FloatVector.fromArray(SPECIES, ofOne, at).fma(factor, sum0);
        sum1 = FloatVector.fromArray(SPECIES, ofOne, at + WIDTH).fma(factor, sum1);
        sum2 = FloatVector.fromArray(SPECIES, ofOne, at + 2 * WIDTH).fma(factor, sum2);
        sum3 = FloatVector.fromArray(SPECIES, ofOne, at + 3 * WIDTH).fma(factor, sum3);
      }
      sum0.intoArray(setOutput, at);
      sum1.intoArray(setOutput, at + WIDTH);
      sum2.intoArray(setOutput, at + 2 * WIDTH);
      sum3.intoArray(setOutput, at + 3 * WIDTH);
    }
  }
}
