package io.sparseplan.profiler.gpu;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A mark between two launches that knows when the GPU passed it. */
final class GpuEvent implements AutoCloseable {
  private static final CUstream DEFAULT_STREAM = new CUstream();

  private final CUevent event = new CUevent();

  GpuEvent() {
    Cuda.check(JCudaDriver.cuEventCreate(event, 0), "cuEventCreate");
  }

  /** Puts the mark behind all launches that were queued before. */
  void record() {
    Cuda.check(JCudaDriver.cuEventRecord(event, DEFAULT_STREAM), "cuEventRecord");
  }

  /** From an earlier mark to this one; the GPU has passed both. */
  double millisSince(GpuEvent earlier) {
    float[] millis = {0};
    Cuda.check(JCudaDriver.cuEventElapsedTime(millis, earlier.event, event), "cuEventElapsedTime");
    return millis[0];
  }

  @Override
  public void close() {
    Cuda.check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
  }
}
