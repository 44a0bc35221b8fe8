package io.sparseplan.profiler.gpu;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Attention of single query rows in float64, straight from its definition: what the kernels are
 * compared with.
 *
 * @param headDim elements of a row
 * @param keys [tokens][headDim], bf16
 * @param values as the keys
 */
record ReferenceAttention(int headDim, short[] keys, short[] values) {
  /**
   * @param logSumExp natural; −∞ where the row sees no key
   */
  record Row(double[] output, double logSumExp) {}

  /**
   * @param query [headDim], bf16
   * @param sees which keys the query may read
   */
  Row row(short[] query, IntPredicate sees) {
    int[] seen = IntStream.range(0, keys.length / headDim).filter(sees).toArray();
    double[] scores = Arrays.stream(seen).mapToDouble(key -> score(query, key)).toArray();
    double most = Arrays.stream(scores).max().orElse(Double.NEGATIVE_INFINITY);
    double sum = 0;
    double[] output = new double[headDim];
    for (int i = 0; i < seen.length; i++) {
      double weight = Math.exp(scores[i] - most);
      sum += weight;
      for (int d = 0; d < headDim; d++) {
        output[d] += weight * Bf16.toFloat(values[seen[i] * headDim + d]);
      }
    }
    for (int d = 0; d < headDim && sum > 0; d++) {
      output[d] /= sum;
    }
    return new Row(output, most + Math.log(sum));
  }

  private double score(short[] query, int key) {
    double score = 0;
    for (int d = 0; d < headDim; d++) {
      score += (double) Bf16.toFloat(query[d]) * Bf16.toFloat(keys[key * headDim + d]);
    }
    return score / Math.sqrt(headDim);
  }
}
