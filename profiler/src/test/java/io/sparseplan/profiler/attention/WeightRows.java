package io.sparseplan.profiler.attention;

import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;

/**
 * One head's whole weights and their gradients, from what the passes computed: the rotated
 * projections, the log-sum-exp and ∂L/∂O.
 */
public final class WeightRows {
  private final LayerAttention seen;
  private final Activations outputGradient;
  private final int head;
  private final int tokens;

  public WeightRows(LayerAttention seen, Activations outputGradient, int head) {
    this.seen = seen;
    this.outputGradient = outputGradient;
    this.head = head;
    this.tokens = seen.q().tokens();
  }

  /** A, {@code [query][key]}. */
  public float[] weights() {
    int headDim = seen.keyValues().shape().headDim().count();
    int kvHead = head / seen.keyValues().shape().groupSize();
    float[] query = new float[headDim];
    float[] key = new float[headDim];
    float[] weights = new float[tokens * tokens];
    Activations logSumExp = seen.output().logSumExp();
    for (int i = 0; i < tokens; i++) {
      seen.rotary().rotate(i, seen.q().data(), seen.q().at(i) + head * headDim, query);
      for (int j = 0; j <= i; j++) {
        seen.rotary().rotate(j, seen.k().data(), seen.k().at(j) + kvHead * headDim, key);
        double score = 0;
        for (int d = 0; d < headDim; d++) {
          score += query[d] * key[d];
        }
        double inLog2 = score / Math.sqrt(headDim) / Math.log(2);
        weights[i * tokens + j] =
            (float) Math.pow(2, inLog2 - logSumExp.data()[logSumExp.at(i) + head]);
      }
    }
    return weights;
  }

  /** ∂L/∂A, {@code [query][key]}, also above the diagonal. */
  public float[] gradients() {
    int headDim = seen.keyValues().shape().headDim().count();
    int kvHead = head / seen.keyValues().shape().groupSize();
    float[] gradients = new float[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < tokens; j++) {
        double sum = 0;
        for (int d = 0; d < headDim; d++) {
          sum +=
              outputGradient.data()[outputGradient.at(i) + head * headDim + d]
                  * seen.v().data()[seen.v().at(j) + kvHead * headDim + d];
        }
        gradients[i * tokens + j] = (float) sum;
      }
    }
    return gradients;
  }
}
