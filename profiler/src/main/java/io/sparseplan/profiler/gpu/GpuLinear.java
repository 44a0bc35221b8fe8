package io.sparseplan.profiler.gpu;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.WeightRows;
import io.sparseplan.profiler.llama.StoredLinear;
import java.util.Optional;

/**
 * Linear layers that read the same input, in a GPU's memory.
 *
 * @param weights [outputs][{@link GpuRows#operandStride}(inputs)], bf16, zeros after the inputs
 * @param bias [outputs], float
 */
record GpuLinear(GpuBuffer weights, Optional<GpuBuffer> bias, int outputs, int inputs)
    implements AutoCloseable {
  /** Elements that are rounded and copied at a time. */
  private static final int BLOCK_ELEMENTS = 1 << 24;

  /** Bytes that it takes there. */
  static long bytes(int outputs, int inputs) {
    return (long) Short.BYTES * outputs * GpuRows.operandStride(inputs);
  }

  /** Rounds to bf16 what is stored otherwise. */
  static GpuLinear upload(GpuSession gpu, StoredLinear stored, Workers workers) {
    int stride = GpuRows.operandStride(stored.inputs());
    GpuBuffer weights = gpu.allocate("a linear layer", bytes(stored.outputs(), stored.inputs()));
    int firstOutput = 0;
    for (WeightRows part : stored.parts()) {
      upload(part, weights, firstOutput, stride, workers);
      firstOutput += part.outputs();
    }
    return new GpuLinear(weights, gpu.uploaded(stored.bias()), stored.outputs(), stored.inputs());
  }

  private static void upload(
      WeightRows rows, GpuBuffer weights, int firstOutput, int stride, Workers workers) {
    int block = Math.clamp(BLOCK_ELEMENTS / stride, 1, rows.outputs());
    short[] rounded = new short[block * stride];
    float[][] scratch = new float[workers.count()][rows.inputs()];
    for (int from = 0; from < rows.outputs(); from += block) {
      int first = from;
      int count = Math.min(block, rows.outputs() - from);
      workers.forEach(
          count,
          (row, worker) -> {
            float[] values = scratch[worker];
            rows.copy(first + row, 0, values.length, values, 0);
            for (int i = 0; i < values.length; i++) {
              rounded[row * stride + i] = Bf16.of(values[i]);
            }
          });
      weights.upload(rounded, count * stride, (long) (firstOutput + from) * stride);
    }
  }

  @Override
  public void close() {
    weights.close();
    bias.ifPresent(GpuBuffer::close);
  }
}
