package io.sparseplan.cli;

import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.gpu.KernelCheck;
import io.sparseplan.profiler.kernel.FloatLanes;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sparseplan doctor}. */
@Command(
    name = "doctor",
    description = {
      "Says what this machine has: Java, GPU, driver, which kernels load, and why not.",
      "It is a report: a machine without a GPU is a good one too."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Runtime runtime = Runtime.getRuntime();
    out.printf(
        "Java     %s, %d processors, vectors of %d bit, heap up to %d MiB%n",
        Runtime.version(),
        runtime.availableProcessors(),
        FloatLanes.SPECIES.vectorBitSize(),
        runtime.maxMemory() >> 20);
    switch (GpuSupport.probe()) {
      case GpuSupport.Absent(String problem, String remedy) ->
          out.printf("GPU      none. %s%n         Maybe %s%n", problem, remedy);
      case GpuSupport.Present present -> describe(present, out);
    }
    out.flush();
    return ExitCode.GOOD;
  }

  private static void describe(GpuSupport.Present present, PrintWriter out) {
    out.printf(
        "Driver   CUDA %s%s%n",
        present.cudaVersionText(),
        present.readsKernels()
            ? ""
            : "; the kernels need 13.0.%n         Maybe update NVIDIA's driver to 580 or newer."
                .formatted());
    for (Gpu gpu : present.gpus()) {
      out.printf(
          "GPU %-4d %s, compute capability %s, %d multiprocessors, %d MiB%n",
          gpu.ordinal(),
          gpu.name(),
          gpu.capability(),
          gpu.multiprocessors(),
          gpu.memoryBytes() >> 20);
      if (!gpu.runsKernels()) {
        out.printf("Kernels  none: they need compute capability 8.0.%n");
        continue;
      }
      KernelCheck check = KernelCheck.of(gpu);
      out.printf(
          "Kernels  %d of %d load%n", check.loaded(), check.loaded() + check.problems().size());
      check.problems().stream()
          .flatMap(String::lines)
          .forEach(line -> out.printf("         %s%n", line));
    }
  }
}
