package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.List;
import java.util.Optional;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Work on one GPU. All its launches go to one stream, in their order. It belongs to the thread that
 * opened it, and what it hands out must be closed before it.
 */
public final class GpuSession implements AutoCloseable {
  private static final int MIB_BITS = 20;

  private final Gpu gpu;
  private final CUdevice device;
  private final CUcontext context;
  private final KernelImages images;

  /** Memory that is free and all there is, in bytes. */
  private record Memory(long freeBytes, long allBytes) {}

  private GpuSession(Gpu gpu, CUdevice device, CUcontext context) {
    this.gpu = gpu;
    this.device = device;
    this.context = context;
    this.images = KernelImages.shipped();
  }

  /**
   * @throws BadInputException if the GPU cannot be used now
   */
  public static GpuSession open(Gpu gpu) {
    var device = new CUdevice();
    Cuda.check(JCudaDriver.cuDeviceGet(device, gpu.ordinal()), "cuDeviceGet");
    var context = new CUcontext();
    Cuda.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
    var session = new GpuSession(gpu, device, context);
    session.useOnThisThread();
    return session;
  }

  /** Lets another thread use the session, while the one that opened it does not. */
  void useOnThisThread() {
    Cuda.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }

  public Gpu gpu() {
    return gpu;
  }

  /** Loads an image and compiles it for this GPU where it is PTX. */
  KernelModule load(KernelImage image) {
    return KernelModule.load(image, images.bytes(image));
  }

  /** The images that the program ships. */
  public List<KernelImage> images() {
    return images.all();
  }

  /** The one image of a source with these defines that fits this GPU best. */
  KernelImage image(KernelChoice choice) {
    return images.best(choice, gpu.capability());
  }

  /**
   * Memory of the GPU, its content undefined.
   *
   * @param what it is for, for messages: "the keys of 4 prompts"
   * @throws BadInputException if there is not enough; it says how much was needed
   */
  public GpuBuffer allocate(String what, long bytes) {
    var address = new DeviceAddress();
    int result = JCudaDriver.cuMemAlloc(address, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw tooLittle(what, bytes);
    }
    Cuda.check(result, "cuMemAlloc");
    return new GpuBuffer(address, bytes);
  }

  /** Values in the GPU's memory; nothing where there are none. */
  Optional<GpuBuffer> uploaded(float[] values) {
    if (values.length == 0) {
      return Optional.empty();
    }
    GpuBuffer buffer = allocate("values", (long) Float.BYTES * values.length);
    buffer.upload(values);
    return Optional.of(buffer);
  }

  /** Memory that is free, in bytes. */
  long freeBytes() {
    return memory().freeBytes();
  }

  /**
   * @param what all that is going to be allocated, for messages
   * @throws BadInputException if so much is not free
   */
  public void requireFree(String what, long bytes) {
    if (memory().freeBytes() < bytes) {
      throw tooLittle(what, bytes);
    }
  }

  private static Memory memory() {
    long[] free = {0};
    long[] all = {0};
    Cuda.check(JCudaDriver.cuMemGetInfo(free, all), "cuMemGetInfo");
    return new Memory(free[0], all[0]);
  }

  private BadInputException tooLittle(String what, long bytes) {
    Memory memory = memory();
    return new BadInputException(
        "The GPU (%s) has %d MiB of %d MiB free, and %s needs %d MiB."
            .formatted(
                gpu.name(),
                memory.freeBytes() >> MIB_BITS,
                memory.allBytes() >> MIB_BITS,
                what,
                (bytes >> MIB_BITS) + 1),
        "lower the batch or the lengths, or close other programs that use the GPU.");
  }

  /** Waits for all launches; a failure of any of them is thrown here. */
  public void synchronize() {
    Cuda.check(JCudaDriver.cuCtxSynchronize(), "cuCtxSynchronize");
  }

  @Override
  public void close() {
    Cuda.check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
  }
}
