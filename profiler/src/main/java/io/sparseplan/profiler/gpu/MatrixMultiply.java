package io.sparseplan.profiler.gpu;

import java.util.Map;

/** Linear layers on the GPU: {@code matrix_multiply.cu}. */
final class MatrixMultiply implements AutoCloseable {
  private static final String ENTRY = "matrix_multiply";
  private static final int TILE = 128;
  private static final int DEPTH = 64;
  private static final int STAGES = 3;
  private static final int THREADS = 256;

  private final KernelModule module;
  private final Kernel kernel;

  private MatrixMultiply(KernelModule module) {
    this.module = module;
    this.kernel = module.kernel(ENTRY, STAGES * 2 * TILE * DEPTH * Short.BYTES);
  }

  static MatrixMultiply load(GpuSession gpu) {
    return new MatrixMultiply(gpu.load(gpu.image(new KernelChoice(ENTRY + ".cu", Map.of()))));
  }

  /** What becomes of what was in the product's place. */
  enum Before {
    OVERWRITTEN,
    ADDED_TO
  }

  /**
   * Queues y = x·Wᵀ + bias, or y += that.
   *
   * @param x bf16, as wide as the layer's inputs
   * @param y float, as many rows as x
   */
  void queue(GpuRows x, GpuLinear layer, GpuRows y, Before before) {
    int depth = GpuRows.operandStride(layer.inputs());
    if (x.stride() != depth || y.count() != x.count() || y.stride() < layer.outputs()) {
      throw new IllegalArgumentException(
          "A layer of %d inputs and %d outputs cannot take %s to %s."
              .formatted(layer.inputs(), layer.outputs(), x, y));
    }
    kernel
        .prepared(
            new Kernel.Grid(
                Math.ceilDiv(x.count(), TILE) * Math.ceilDiv(layer.outputs(), TILE), 1, 1),
            THREADS,
            x.argument(),
            layer.weights().argument(),
            KernelArgument.of(layer.bias()),
            y.argument(),
            KernelArgument.of(x.count()),
            KernelArgument.of(layer.outputs()),
            KernelArgument.of(depth),
            KernelArgument.of(y.stride()),
            KernelArgument.of(before == Before.ADDED_TO ? 1 : 0))
        .queue();
  }

  @Override
  public void close() {
    module.close();
  }
}
