package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.util.Arrays;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** An image that the driver has loaded. */
final class KernelModule implements AutoCloseable {
  private final KernelImage image;
  private final CUmodule module;

  private KernelModule(KernelImage image, CUmodule module) {
    this.image = image;
    this.module = module;
  }

  /**
   * @throws BadInputException if the driver is too old for the image
   */
  static KernelModule load(KernelImage image, byte[] bytes) {
    var module = new CUmodule();
    // PTX must end with a zero; after machine code it does no harm.
    byte[] terminated = Arrays.copyOf(bytes, bytes.length + 1);
    Cuda.check(
        JCudaDriver.cuModuleLoadData(module, terminated),
        "cuModuleLoadData (%s)".formatted(image.name()));
    return new KernelModule(image, module);
  }

  /**
   * A kernel of the module.
   *
   * @param sharedBytes of dynamic shared memory that each of its thread blocks gets
   */
  Kernel kernel(String entry, int sharedBytes) {
    var function = new CUfunction();
    Cuda.check(
        JCudaDriver.cuModuleGetFunction(function, module, entry),
        "cuModuleGetFunction (%s of %s)".formatted(entry, image.name()));
    return new Kernel(entry, function, sharedBytes);
  }

  @Override
  public void close() {
    Cuda.check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
  }
}
