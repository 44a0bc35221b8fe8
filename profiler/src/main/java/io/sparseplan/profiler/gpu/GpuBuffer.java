package io.sparseplan.profiler.gpu;

import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** A piece of a GPU's memory. */
public final class GpuBuffer implements AutoCloseable {
  /** All bits set: NaN as float and as bf16, so that an output that nobody wrote shows. */
  private static final byte POISON = (byte) 0xff;

  private final DeviceAddress address;
  private final long bytes;

  GpuBuffer(DeviceAddress address, long bytes) {
    this.address = address;
    this.bytes = bytes;
  }

  public long bytes() {
    return bytes;
  }

  DeviceAddress address() {
    return address;
  }

  /** The buffer as an argument of a kernel. */
  Pointer argument() {
    return Pointer.to(address);
  }

  /** The buffer from a byte on as an argument of a kernel. */
  Pointer argumentFrom(long firstByte) {
    return Pointer.to(address.withByteOffset(firstByte));
  }

  public void upload(short[] values) {
    copyIn(Pointer.to(values), 0, (long) Short.BYTES * values.length);
  }

  public void upload(int[] values) {
    copyIn(Pointer.to(values), 0, (long) Integer.BYTES * values.length);
  }

  void upload(double[] values) {
    copyIn(Pointer.to(values), 0, (long) Double.BYTES * values.length);
  }

  public void upload(float[] values) {
    copyIn(Pointer.to(values), 0, (long) Float.BYTES * values.length);
  }

  /**
   * Copies the first values of an array.
   *
   * @param firstElement where the first of them goes
   */
  void upload(short[] values, int count, long firstElement) {
    copyIn(Pointer.to(values), Short.BYTES * firstElement, (long) Short.BYTES * count);
  }

  /** Copies the first values of an array. */
  void upload(float[] values, int count) {
    copyIn(Pointer.to(values), 0, (long) Float.BYTES * count);
  }

  /** Fills the whole buffer with the values, over and over. */
  public void uploadRepeated(short[] values) {
    long block = Math.min(bytes, (long) Short.BYTES * values.length);
    copyIn(Pointer.to(values), 0, block);
    for (long done = block; done < bytes; done *= 2) {
      Cuda.check(
          JCudaDriver.cuMemcpyDtoD(
              address.withByteOffset(done), address, Math.min(done, bytes - done)),
          "cuMemcpyDtoD");
    }
  }

  /** The first values of the buffer, as many as the array holds. Waits for earlier launches. */
  public void download(short[] into) {
    copyOut(Pointer.to(into), (long) Short.BYTES * into.length);
  }

  /** The first values of the buffer, as many as the array holds. Waits for earlier launches. */
  public void download(float[] into) {
    copyOut(Pointer.to(into), (long) Float.BYTES * into.length);
  }

  /** The first values of the buffer, as many as the array holds. Waits for earlier launches. */
  public void download(long[] into) {
    copyOut(Pointer.to(into), (long) Long.BYTES * into.length);
  }

  /** The first values of the buffer, as many as the array holds. Waits for earlier launches. */
  void download(int[] into) {
    copyOut(Pointer.to(into), (long) Integer.BYTES * into.length);
  }

  /** The first values of the buffer, as many as the array holds. Waits for earlier launches. */
  void download(double[] into) {
    copyOut(Pointer.to(into), (long) Double.BYTES * into.length);
  }

  /** The first bytes of the buffer into the beginning of an array. Waits for earlier launches. */
  void download(byte[] into, int count) {
    copyOut(Pointer.to(into), count);
  }

  /** The first values of the buffer into the beginning of an array. Waits for earlier launches. */
  void download(float[] into, int count) {
    copyOut(Pointer.to(into), (long) Float.BYTES * count);
  }

  /** Makes every float and every bf16 of the buffer a NaN. */
  public void poison() {
    Cuda.check(JCudaDriver.cuMemsetD8(address, POISON, bytes), "cuMemsetD8");
  }

  /** Makes every bit of the buffer 0. */
  void clear() {
    Cuda.check(JCudaDriver.cuMemsetD8(address, (byte) 0, bytes), "cuMemsetD8");
  }

  /** Copies the whole of another buffer of the same size. */
  void copyOf(GpuBuffer other) {
    if (other.bytes != bytes) {
      throw new IllegalArgumentException(
          "A buffer of %d bytes is no copy of one of %d.".formatted(bytes, other.bytes));
    }
    Cuda.check(JCudaDriver.cuMemcpyDtoD(address, other.address, bytes), "cuMemcpyDtoD");
  }

  private void copyIn(Pointer from, long offset, long length) {
    requireInside(offset + length);
    Cuda.check(
        JCudaDriver.cuMemcpyHtoD(address.withByteOffset(offset), from, length), "cuMemcpyHtoD");
  }

  private void copyOut(Pointer to, long length) {
    requireInside(length);
    Cuda.check(JCudaDriver.cuMemcpyDtoH(to, address, length), "cuMemcpyDtoH");
  }

  private void requireInside(long end) {
    if (end > bytes) {
      throw new IndexOutOfBoundsException(
          "The copy ends at byte %d of a buffer of %d.".formatted(end, bytes));
    }
  }

  @Override
  public void close() {
    Cuda.check(JCudaDriver.cuMemFree(address), "cuMemFree");
  }
}
