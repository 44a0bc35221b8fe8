package io.sparseplan.profiler.gpu;

import java.util.Map;
import jcuda.Pointer;

/**
 * A kernel that takes rows one by one, a thread block each.
 *
 * @param module that it is loaded with
 */
record RowKernel(KernelModule module, Kernel kernel) implements AutoCloseable {
  /** What every such kernel is compiled for. */
  static final int THREADS = 256;

  /** The kernel that has the name of its source. */
  static RowKernel load(GpuSession gpu, String name) {
    KernelModule module = gpu.load(gpu.image(new KernelChoice(name + ".cu", Map.of())));
    return new RowKernel(module, module.kernel(name, 0));
  }

  /** Another kernel of the same source; it goes when this one does. */
  RowKernel beside(String name) {
    return new RowKernel(module, module.kernel(name, 0));
  }

  void queue(int rows, Pointer... arguments) {
    kernel.prepared(new Kernel.Grid(rows, 1, 1), THREADS, arguments).queue();
  }

  @Override
  public void close() {
    module.close();
  }
}
