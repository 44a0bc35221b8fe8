package io.sparseplan.profiler.gpu;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Attention of one query over some key tiles against dense attention, in float64 straight from the
 * definitions, and how far kernels may be off.
 *
 * @param kept the share of the weight
 * @param squaredError ‖O_c − O‖²
 * @param change ⟨∂L/∂O, O_c − O⟩
 * @param squaredNorm ‖O‖²
 * @param errorSpread how far ‖O_c − O‖ may be off, as weights are rounded to bf16 before they meet
 *     the values
 * @param changeSpread how far the change may be off
 */
record ReferenceSetScores(
    double kept,
    double squaredError,
    double change,
    double squaredNorm,
    double errorSpread,
    double changeSpread) {
  /** Kept shares are sums of weights in float32. */
  static final double KEPT_BOUND = 1e-4;

  private static final double OUTPUT_BOUND = SquaredErrors.BF16_BOUND;

  static ReferenceSetScores of(
      RandomCausalLayer layer, int reach, int head, int token, int[] tiles) {
    int headDim = layer.shape().attention().headDim().count();
    int tokens = layer.shape().grid().length().count();
    int tile = layer.shape().grid().tile().tokens();
    int rows = tokens * headDim;
    int kvHead = head / layer.shape().attention().groupSize();
    ReferenceBackward.Found dense = layer.reference().get(head);
    int at = (head * tokens + token) * headDim;
    ReferenceAttention.Row sparse =
        new ReferenceAttention(
                headDim,
                Arrays.copyOfRange(layer.keys(), kvHead * rows, (kvHead + 1) * rows),
                Arrays.copyOfRange(layer.values(), kvHead * rows, (kvHead + 1) * rows))
            .row(
                Arrays.copyOfRange(layer.queries(), at, at + headDim),
                key ->
                    key <= token
                        && key > token - reach
                        && Arrays.binarySearch(tiles, key / tile) >= 0);
    short[] gradient = Arrays.copyOfRange(layer.gradients(), at, at + headDim);
    double[] o = Arrays.copyOfRange(dense.output(), token * headDim, (token + 1) * headDim);
    double error = 0;
    double change = 0;
    for (int d = 0; d < headDim; d++) {
      double difference = sparse.output()[d] - o[d];
      error += difference * difference;
      change += difference * Bf16.toFloat(gradient[d]);
    }
    double kept =
        sparse.logSumExp() == Double.NEGATIVE_INFINITY
            ? 0
            : Math.exp(sparse.logSumExp() - dense.logSumExp()[token]);
    double spread = 2 * OUTPUT_BOUND * (Math.sqrt(norm(sparse.output())) + Math.sqrt(norm(o)));
    double size =
        norm(IntStream.range(0, headDim).mapToDouble(d -> Bf16.toFloat(gradient[d])).toArray());
    return new ReferenceSetScores(kept, error, change, norm(o), spread, spread * Math.sqrt(size));
  }

  private static double norm(double[] row) {
    return Arrays.stream(row).map(x -> x * x).sum();
  }
}
