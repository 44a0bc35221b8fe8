package io.sparseplan.profiler.gpu;

import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A function that runs on the GPU. */
final class Kernel {
  /** Thread blocks along each axis; x runs fastest. */
  record Grid(int x, int y, int z) {}

  private static final CUstream DEFAULT_STREAM = new CUstream();

  private final String name;
  private final CUfunction function;
  private final int sharedBytes;

  Kernel(String name, CUfunction function, int sharedBytes) {
    this.name = name;
    this.function = function;
    this.sharedBytes = sharedBytes;
    if (sharedBytes > 0) {
      Cuda.check(
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              sharedBytes),
          "cuFuncSetAttribute (%d bytes of shared memory for %s)".formatted(sharedBytes, name));
    }
  }

  /**
   * @param threads of each block
   * @param arguments each a pointer to the argument's value
   */
  PreparedLaunch prepared(Grid grid, int threads, Pointer... arguments) {
    Pointer all = Pointer.to(arguments);
    String call = "cuLaunchKernel (%s)".formatted(name);
    return () ->
        Cuda.check(
            JCudaDriver.cuLaunchKernel(
                function,
                grid.x,
                grid.y,
                grid.z,
                threads,
                1,
                1,
                sharedBytes,
                DEFAULT_STREAM,
                all,
                new Pointer()),
            call);
  }
}
