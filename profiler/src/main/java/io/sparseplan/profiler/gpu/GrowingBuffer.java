package io.sparseplan.profiler.gpu;

import java.util.Optional;

/**
 * Memory of a GPU that is used again and again, and made larger when more is needed; what it held
 * is lost then. To allocate and free takes the driver up to a millisecond.
 */
final class GrowingBuffer implements AutoCloseable {
  private final GpuSession gpu;
  private final String what;
  private Optional<GpuBuffer> buffer = Optional.empty();

  /**
   * @param what it is for, for messages
   */
  GrowingBuffer(GpuSession gpu, String what) {
    this.gpu = gpu;
    this.what = what;
  }

  /** The buffer, at least so large, and never empty: a launch must get an address. */
  GpuBuffer ofAtLeast(long bytes) {
    if (buffer.isEmpty() || buffer.get().bytes() < bytes) {
      close();
      buffer = Optional.of(gpu.allocate(what, Math.max(1, bytes)));
    }
    return buffer.get();
  }

  /** The buffer with these values in front. */
  GpuBuffer of(int[] values) {
    GpuBuffer holding = ofAtLeast((long) Integer.BYTES * values.length);
    holding.upload(values);
    return holding;
  }

  @Override
  public void close() {
    buffer.ifPresent(GpuBuffer::close);
    buffer = Optional.empty();
  }
}
