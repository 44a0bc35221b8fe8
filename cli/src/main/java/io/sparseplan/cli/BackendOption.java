package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.profiler.ModelDirectory;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.evaluate.Backend;
import io.sparseplan.profiler.evaluate.CpuBackend;
import io.sparseplan.profiler.evaluate.GpuBackend;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuSupport;
import io.sparseplan.profiler.statistics.CpuProfiledModel;
import io.sparseplan.profiler.statistics.GpuProfiledModel;
import io.sparseplan.profiler.statistics.ProfiledModel;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a model runs. */
final class BackendOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--backend",
      paramLabel = "B",
      defaultValue = "CPU",
      description =
          "Where prompts are run or judged: cpu, in float32; gpu, in bf16 with float32 sums; auto,"
              + " a GPU where there is one that can (default: ${DEFAULT-VALUE}).")
  private BackendKind kind;

  /**
   * The GPU to run on; none where that is for the CPU.
   *
   * @throws BadInputException if a GPU is asked for and there is none; it says why
   */
  Optional<Gpu> gpu() {
    return switch (kind) {
      case CPU -> Optional.empty();
      case GPU -> Optional.of(GpuSupport.required());
      case AUTO -> gpuIfAny();
    };
  }

  /**
   * Makes a model ready to be judged.
   *
   * @param onCpu asked for where there is no GPU
   */
  static Backend open(
      Optional<Gpu> gpu,
      ModelDirectory.Opened model,
      Workers workers,
      Supplier<ModelDirectory.Loaded> onCpu) {
    return gpu.<Backend>map(given -> GpuBackend.open(given, model.stored(workers), workers))
        .orElseGet(() -> new CpuBackend(onCpu.get().model()));
  }

  /**
   * Makes a model ready to be profiled.
   *
   * @throws BadInputException if the GPU cannot be used now, or its memory is too small
   */
  static ProfiledModel profiled(Optional<Gpu> gpu, ModelDirectory.Opened model, Workers workers) {
    return gpu.<ProfiledModel>map(
            given -> GpuProfiledModel.open(given, model.stored(workers), workers))
        .orElseGet(() -> new CpuProfiledModel(model.load(workers).model()));
  }

  /** What a model that is profiled there runs in. */
  static Arithmetic arithmetic(Optional<Gpu> gpu) {
    return gpu.isPresent() ? Arithmetic.BF16 : Arithmetic.FLOAT32;
  }

  private Optional<Gpu> gpuIfAny() {
    try {
      return Optional.of(GpuSupport.required());
    } catch (BadInputException e) {
      String problem = e.getMessage().lines().findFirst().orElseThrow();
      command.commandLine().getErr().printf("Running on the CPU. %s%n", problem);
      command.commandLine().getErr().flush();
      return Optional.empty();
    }
  }
}
