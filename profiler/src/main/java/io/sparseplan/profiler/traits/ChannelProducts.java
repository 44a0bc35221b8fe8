package io.sparseplan.profiler.traits;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;

/**
 * Mean over tokens of |q_c · k_c| for each channel c of a head: Double Sparsity's offline
 * calibration (arXiv 2408.07092, §3.1; method 1 of its code, over all tokens instead of the last
 * block). Query and key are of the same token, rotated.
 */
final class ChannelProducts {
  private final int headDim;
  private final int groupSize;
  private final float[] query;
  private final float[] key;

  ChannelProducts(AttentionShape shape) {
    headDim = shape.headDim().count();
    groupSize = shape.groupSize();
    query = new float[headDim];
    key = new float[headDim];
  }

  float[] of(LayerAttention layer, int head) {
    Activations q = layer.q();
    Activations k = layer.k();
    double[] sums = new double[headDim];
    for (int token = 0; token < q.tokens(); token++) {
      layer.rotary().rotate(token, q.data(), q.at(token) + head * headDim, query);
      layer.rotary().rotate(token, k.data(), k.at(token) + head / groupSize * headDim, key);
      for (int c = 0; c < headDim; c++) {
        sums[c] += Math.abs(query[c] * key[c]);
      }
    }
    float[] means = new float[headDim];
    for (int c = 0; c < headDim; c++) {
      means[c] = (float) (sums[c] / q.tokens());
    }
    return means;
  }
}
