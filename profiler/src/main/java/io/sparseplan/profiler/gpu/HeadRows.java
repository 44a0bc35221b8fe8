package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;

/**
 * Copies heads from a GPU, [heads][tokens][padded] in bf16, to rows of the host.
 *
 * @param padded the head_dim on the GPU, which is at least the other
 */
record HeadRows(HeadDim headDim, HeadDim padded, Workers workers) {
  static HeadRows of(RowKernels.Heads heads, Workers workers) {
    return new HeadRows(heads.shape().headDim(), heads.padded(), workers);
  }

  /**
   * @param factor by which every element is multiplied
   * @param rows written: {@code [token][head · headDim]}, for as many heads as it is wide
   */
  void download(GpuBuffer buffer, float factor, Activations rows) {
    int tokens = rows.tokens();
    int headCount = rows.width() / headDim.count();
    short[] values = new short[Math.multiplyExact(headCount * tokens, padded.count())];
    buffer.download(values);
    workers.forEach(
        headCount,
        (head, worker) -> {
          for (int token = 0; token < tokens; token++) {
            int from = (head * tokens + token) * padded.count();
            int to = rows.at(token) + head * headDim.count();
            for (int d = 0; d < headDim.count(); d++) {
              rows.data()[to + d] = factor * Bf16.toFloat(values[from + d]);
            }
          }
        });
  }
}
