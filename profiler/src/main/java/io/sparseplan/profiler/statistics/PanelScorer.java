package io.sparseplan.profiler.statistics;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.QueryPanel;
import io.sparseplan.profiler.attention.QueryPanel.Accumulator;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scores every span for a few queries in one pass over the key tiles.
 *
 * <p>Windows are nested: absorbing key tiles from the query's own tile outward, the running softmax
 * is that of each window in turn. The sinks' softmax is computed first, and a span is the sum of
 * the two. A window that has reached its sink is dense at that query tile: nothing is lost. Tiles
 * of the sink are not visited again unless a window reaches into them. One worker's scratch.
 */
final class PanelScorer {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final SpanSet spanSet;
  private final QueryPanel panel;
  private final int[] queries = new int[WIDTH];
  private final int headDim;
  private final int outputRows;
  private final Accumulator[] sinks;
  private final float[] denseOutput;
  private final float[] gradient;
  private final float[][] tileMax;
  private final float[][] tileSum;
  private final float[][] keptMax;
  private final float[][] keptSum;
  private final float[][] squaredError;
  private final float[][] change;

  PanelScorer(SpanSet spanSet, PackedKeyValues keyValues, int headDim, int tiles) {
    this.spanSet = spanSet;
    this.panel = new QueryPanel(keyValues, QueryPanel.scoresScratch(keyValues));
    this.headDim = headDim;
    this.outputRows = panel.state().output().length / WIDTH;
    this.sinks = new Accumulator[spanSet.sinkTiles().length];
    for (int sink = 0; sink < sinks.length; sink++) {
      sinks[sink] = new Accumulator(outputRows);
    }
    int spans = spanSet.spans().size();
    denseOutput = new float[headDim * WIDTH];
    gradient = new float[headDim * WIDTH];
    tileMax = new float[tiles][WIDTH];
    tileSum = new float[tiles][WIDTH];
    keptMax = new float[spans][WIDTH];
    keptSum = new float[spans][WIDTH];
    squaredError = new float[spans][WIDTH];
    change = new float[spans][WIDTH];
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
      UnitSums sums) {
    for (int query = firstQuery; query < endQuery; query++) {
      queries[query - firstQuery] = query;
    }
    panel.load(layer.q(), layer.rotary(), head, queries, 0, endQuery - firstQuery);
    loadRows(layer.output().o(), head, denseOutput);
    loadRows(outputGradient, head, gradient);
    int sinkEnd = absorbSinks(queryTile);
    panel.state().clear();
    int last = Math.min(sinkEnd, spanSet.firstWindowTile(queryTile));
    for (int keyTile = queryTile; keyTile >= last; keyTile--) {
      absorb(keyTile);
      List<SpanSet.Span> spans = spanSet.spans();
      for (int span = 0; span < spans.size(); span++) {
        if (spans.get(span).windowTiles() == queryTile - keyTile + 1
            && !spans.get(span).isDenseAt(queryTile)) {
          compare(span, sinkOf(spans.get(span).sinkTiles()));
        }
      }
    }
    addUp(queryTile, sums);
  }

  private void loadRows(Activations source, int head, float[] target) {
    for (int lane = 0; lane < WIDTH; lane++) {
      int at = source.at(panel.token(lane)) + head * headDim;
      for (int d = 0; d < headDim; d++) {
        target[d * WIDTH + lane] = source.data()[at + d];
      }
    }
  }

  /** Absorbs the sink tiles before the query's own and keeps the state of each number of them. */
  private int absorbSinks(int queryTile) {
    int absorbed = 0;
    int[] sinkTiles = spanSet.sinkTiles();
    for (int sink = 0; sink < sinkTiles.length && sinkTiles[sink] < queryTile; sink++) {
      while (absorbed < sinkTiles[sink]) {
        absorb(absorbed++);
      }
      sinks[sink].copyFrom(panel.state());
    }
    return absorbed;
  }

  private int sinkOf(int sinkTiles) {
    int sink = 0;
    while (spanSet.sinkTiles()[sink] != sinkTiles) {
      sink++;
    }
    return sink;
  }

  private void absorb(int keyTile) {
    panel.absorb(keyTile);
    System.arraycopy(panel.state().max(), 0, tileMax[keyTile], 0, WIDTH);
    System.arraycopy(panel.tileSum(), 0, tileSum[keyTile], 0, WIDTH);
  }

  /** Sets the span's kept sum and squared output error from the window so far and a sink. */
  private void compare(int span, int sink) {
    Accumulator window = panel.state();
    Accumulator start = sinks[sink];
    for (int half = 0; half < WIDTH; half += LANES) {
      FloatVector windowMax = FloatVector.fromArray(SPECIES, window.max(), half);
      FloatVector startMax = FloatVector.fromArray(SPECIES, start.max(), half);
      FloatVector max = windowMax.max(startMax);
      FloatVector windowScale = Exp2.of(windowMax.sub(max));
      FloatVector startScale = Exp2.of(startMax.sub(max));
      FloatVector sum =
          FloatVector.fromArray(SPECIES, window.sum(), half)
              .mul(windowScale)
              .add(FloatVector.fromArray(SPECIES, start.sum(), half).mul(startScale));
      max.intoArray(keptMax[span], half);
      sum.intoArray(keptSum[span], half);
      FloatVector windowWeight = windowScale.div(sum);
      FloatVector startWeight = startScale.div(sum);
      FloatVector error = FloatVector.zero(SPECIES);
      FloatVector firstOrder = FloatVector.zero(SPECIES);
      for (int d = 0; d < headDim; d++) {
        int at = d * WIDTH + half;
        FloatVector difference =
            FloatVector.fromArray(SPECIES, window.output(), at)
                .fma(
                    windowWeight,
                    FloatVector.fromArray(SPECIES, start.output(), at).mul(startWeight))
                .sub(FloatVector.fromArray(SPECIES, denseOutput, at));
        error = difference.fma(difference, error);
        firstOrder = difference.fma(FloatVector.fromArray(SPECIES, gradient, at), firstOrder);
      }
      error.intoArray(squaredError[span], half);
      firstOrder.intoArray(change[span], half);
    }
  }

  private void addUp(int queryTile, UnitSums sums) {
    for (int half = 0; half < WIDTH; half += LANES) {
      toShares(queryTile, half);
    }
    List<SpanSet.Span> spans = spanSet.spans();
    for (int lane = 0; lane < panel.lanesUsed(); lane++) {
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        sums.addMass(keyTile, tileSum[keyTile][lane]);
      }
      double norm = 0;
      for (int d = 0; d < headDim; d++) {
        norm += (double) denseOutput[d * WIDTH + lane] * denseOutput[d * WIDTH + lane];
      }
      sums.addRow(norm);
      for (int span = 0; span < spans.size(); span++) {
        if (spans.get(span).isDenseAt(queryTile)) {
          sums.addSpan(span, 1, 0, 0);
        } else {
          double kept = Math.min(1, keptSum[span][lane]);
          sums.addSpan(span, kept, squaredError[span][lane], change[span][lane]);
        }
      }
    }
  }

  /** Turns the sums of tiles and of spans into shares of the row's softmax, half of the lanes. */
  private void toShares(int queryTile, int half) {
    FloatVector max = FloatVector.fromArray(SPECIES, tileMax[0], half);
    for (int keyTile = 1; keyTile <= queryTile; keyTile++) {
      max = max.max(FloatVector.fromArray(SPECIES, tileMax[keyTile], half));
    }
    FloatVector total = FloatVector.zero(SPECIES);
    for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
      FloatVector sum = scaled(tileSum[keyTile], tileMax[keyTile], max, half);
      sum.intoArray(tileSum[keyTile], half);
      total = total.add(sum);
    }
    for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
      FloatVector.fromArray(SPECIES, tileSum[keyTile], half)
          .div(total)
          .intoArray(tileSum[keyTile], half);
    }
    for (int span = 0; span < keptSum.length; span++) {
      if (!spanSet.spans().get(span).isDenseAt(queryTile)) {
        scaled(keptSum[span], keptMax[span], max, half).div(total).intoArray(keptSum[span], half);
      }
    }
  }

  private static FloatVector scaled(float[] sum, float[] maxOfSum, FloatVector max, int half) {
    FloatVector exponent = FloatVector.fromArray(SPECIES, maxOfSum, half).sub(max);
    return FloatVector.fromArray(SPECIES, sum, half).mul(Exp2.of(exponent));
  }
}
