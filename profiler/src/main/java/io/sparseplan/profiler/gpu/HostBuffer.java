package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Page-locked memory of the host, from and to which a GPU copies at the full speed of its link. */
final class HostBuffer implements AutoCloseable {
  private final Pointer memory;
  private final long bytes;

  private HostBuffer(Pointer memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  /**
   * @param what it is for, for messages
   * @throws BadInputException if there is not enough; it says how much was needed
   */
  static HostBuffer allocate(String what, long bytes) {
    var memory = new Pointer();
    int result = JCudaDriver.cuMemAllocHost(memory, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new BadInputException(
          "The host cannot lock %d MiB of its memory for %s.".formatted((bytes >> 20) + 1, what),
          "leave out long prompts with --lengths, or use a machine with more memory.");
    }
    Cuda.check(result, "cuMemAllocHost");
    return new HostBuffer(memory, bytes);
  }

  /** Copies the whole of a buffer of the same size. Waits for earlier launches. */
  void copyOf(GpuBuffer source) {
    requireSame(source);
    Cuda.check(JCudaDriver.cuMemcpyDtoH(memory, source.address(), bytes), "cuMemcpyDtoH");
  }

  /** Copies the whole of it to a buffer of the same size. */
  void copyTo(GpuBuffer target) {
    requireSame(target);
    Cuda.check(JCudaDriver.cuMemcpyHtoD(target.address(), memory, bytes), "cuMemcpyHtoD");
  }

  private void requireSame(GpuBuffer other) {
    if (other.bytes() != bytes) {
      throw new IllegalArgumentException(
          "A buffer of %d bytes is no copy of one of %d.".formatted(bytes, other.bytes()));
    }
  }

  @Override
  public void close() {
    Cuda.check(JCudaDriver.cuMemFreeHost(memory), "cuMemFreeHost");
  }
}
