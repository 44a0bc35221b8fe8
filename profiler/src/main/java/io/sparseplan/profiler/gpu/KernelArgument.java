package io.sparseplan.profiler.gpu;

import java.util.Optional;
import jcuda.Pointer;

/** Arguments of kernels, each a pointer to the argument's value. */
final class KernelArgument {
  private KernelArgument() {}

  static Pointer of(int value) {
    return Pointer.to(new int[] {value});
  }

  static Pointer of(float value) {
    return Pointer.to(new float[] {value});
  }

  /** The buffer's address, or null. */
  static Pointer of(Optional<GpuBuffer> buffer) {
    return buffer.map(GpuBuffer::argument).orElseGet(() -> Pointer.to(new long[] {0}));
  }
}
