package io.sparseplan.profiler.gpu;

/**
 * A GPU of this machine.
 *
 * @param ordinal the driver's number of it, from 0
 * @param name as its driver names it
 * @param multiprocessors its SMs
 * @param memoryBytes all of its memory, used or not
 * @param blockSharedBytes the most shared memory that one thread block may ask for
 */
public record Gpu(
    int ordinal,
    String name,
    ComputeCapability capability,
    int multiprocessors,
    long memoryBytes,
    int blockSharedBytes) {
  /** Whether it has the tensor cores and asynchronous copies that every kernel here needs. */
  public boolean runsKernels() {
    return capability.compareTo(ComputeCapability.AMPERE) >= 0;
  }
}
