package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Turns the result of a call of the CUDA driver into an exception that names the call. */
final class Cuda {
  private Cuda() {}

  /**
   * @param call the function of the driver, such as {@code cuMemAlloc}
   * @throws BadInputException if the machine is at fault
   * @throws IllegalStateException if this program is
   */
  static void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call);
    }
  }

  private static RuntimeException failure(int result, String call) {
    String problem = "The CUDA call %s failed: %s.".formatted(call, describe(result));
    return switch (result) {
      case CUresult.CUDA_ERROR_INVALID_VALUE,
          CUresult.CUDA_ERROR_INVALID_HANDLE,
          CUresult.CUDA_ERROR_INVALID_CONTEXT,
          CUresult.CUDA_ERROR_NOT_FOUND,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
          CUresult.CUDA_ERROR_LAUNCH_FAILED ->
          new IllegalStateException(problem);
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
          new BadInputException(problem, "close other programs that use the GPU.");
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND ->
          new BadInputException(problem, "update NVIDIA's driver to 580 or newer (CUDA 13).");
      case CUresult.CUDA_ERROR_LAUNCH_TIMEOUT ->
          new BadInputException(
              problem, "use a GPU that drives no display: its driver stops long kernels.");
      case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE, CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR ->
          new BadInputException(problem, "the GPU is broken, or must be reset.");
      default ->
          new BadInputException(
              problem, "look at nvidia-smi and sparseplan doctor, then run again.");
    };
  }

  /** The driver's own name and words for a result. */
  static String describe(int result) {
    String[] name = {""};
    String[] text = {""};
    if (JCudaDriver.cuGetErrorName(result, name) != CUresult.CUDA_SUCCESS
        || JCudaDriver.cuGetErrorString(result, text) != CUresult.CUDA_SUCCESS) {
      return "error " + result;
    }
    return "%s, %s".formatted(name[0], text[0]);
  }
}
