package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuSupport;
import java.util.Optional;
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
      defaultValue = "AUTO",
      description =
          "Where the model runs: cpu, in float32; gpu, in bf16 with float32 sums; auto,"
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

  private Optional<Gpu> gpuIfAny() {
    try {
      return Optional.of(GpuSupport.required());
    } catch (BadInputException e) {
      String problem = e.getMessage().lines().findFirst().orElseThrow();
      Sparseplan.of(command).tell("Running on the CPU. " + problem, command.commandLine().getErr());
      return Optional.empty();
    }
  }
}
