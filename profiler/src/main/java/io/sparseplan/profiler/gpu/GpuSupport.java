package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** What this machine has of GPUs, or why it has none. Asking never fails. */
public sealed interface GpuSupport {
  /** The CUDA version of the compiler that made the kernels, as the driver counts versions. */
  int KERNEL_CUDA_VERSION = 13_000;

  /**
   * @param cudaVersion the newest CUDA that the driver knows: 13000 is 13.0
   * @param gpus at least one
   */
  record Present(int cudaVersion, List<Gpu> gpus) implements GpuSupport {
    public Present {
      gpus = List.copyOf(gpus);
    }

    /** As people write it: 13.0. */
    public String cudaVersionText() {
      return cudaVersion / 1000 + "." + cudaVersion % 1000 / 10;
    }

    /** Whether the driver can load PTX of the compiler that made the kernels. */
    public boolean readsKernels() {
      return cudaVersion >= KERNEL_CUDA_VERSION;
    }
  }

  /**
   * @param problem a sentence
   * @param remedy what to do, continuing the word "Maybe"
   */
  record Absent(String problem, String remedy) implements GpuSupport {}

  /** What the driver says, asked once in the life of the program. */
  static GpuSupport probe() {
    return Probed.SUPPORT;
  }

  /** Holds the answer: after a failure to load the driver, a second attempt would not say why. */
  final class Probed {
    private static final GpuSupport SUPPORT = find();

    private Probed() {}
  }

  private static GpuSupport find() {
    try {
      return ask();
    } catch (LinkageError e) {
      return new Absent(
          "NVIDIA's driver cannot be loaded: %s.".formatted(reason(e)),
          "install the driver (580 or newer) on a machine with an NVIDIA GPU; without one all but"
              + " GPU measurements runs on the CPU.");
    }
  }

  /**
   * The first GPU that can run the kernels.
   *
   * @throws BadInputException if there is none; it says why
   */
  static Gpu required() {
    return switch (probe()) {
      case Absent(String problem, String remedy) -> throw new BadInputException(problem, remedy);
      case Present present -> usable(present);
    };
  }

  private static Gpu usable(Present present) {
    if (!present.readsKernels()) {
      throw new BadInputException(
          "The driver knows CUDA %s, and the kernels need CUDA 13.0."
              .formatted(present.cudaVersionText()),
          "update NVIDIA's driver to 580 or newer.");
    }
    return present.gpus().stream()
        .filter(Gpu::runsKernels)
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "The GPU (%s) has compute capability %s, and the kernels need 8.0."
                        .formatted(
                            present.gpus().getFirst().name(),
                            present.gpus().getFirst().capability()),
                    "use a GPU of 2020 or later (A100, RTX 30, L4, H100)."));
  }

  private static GpuSupport ask() {
    JCudaDriver.setExceptionsEnabled(false);
    int started = JCudaDriver.cuInit(0);
    if (started == CUresult.CUDA_ERROR_NO_DEVICE) {
      return new Absent("The driver sees no GPU.", "check nvidia-smi and CUDA_VISIBLE_DEVICES.");
    }
    if (started != CUresult.CUDA_SUCCESS) {
      return new Absent(
          "The driver does not start: cuInit says %s.".formatted(Cuda.describe(started)),
          "check nvidia-smi; after an update of the driver the machine must be started again.");
    }
    int[] version = {0};
    Cuda.check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    int[] count = {0};
    Cuda.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
    var gpus = new ArrayList<Gpu>();
    for (int ordinal = 0; ordinal < count[0]; ordinal++) {
      gpus.add(gpu(ordinal));
    }
    return gpus.isEmpty()
        ? new Absent("The driver sees no GPU.", "check nvidia-smi and CUDA_VISIBLE_DEVICES.")
        : new Present(version[0], gpus);
  }

  private static Gpu gpu(int ordinal) {
    var device = new CUdevice();
    Cuda.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
    byte[] name = new byte[256];
    Cuda.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    long[] bytes = {0};
    Cuda.check(JCudaDriver.cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem");
    return new Gpu(
        ordinal,
        new String(name, 0, end, StandardCharsets.UTF_8),
        new ComputeCapability(
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        bytes[0],
        attribute(
            device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = {0};
    Cuda.check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
    return value[0];
  }

  /** JCuda's message is a page of nested stack traces; the line that names a library says why. */
  private static String reason(LinkageError e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> line.contains("libcuda"))
        .map(line -> line.substring(line.indexOf("libcuda")))
        .findFirst()
        .orElse("its library libcuda.so.1 does not fit this system");
  }
}
