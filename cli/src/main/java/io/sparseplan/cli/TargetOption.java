package io.sparseplan.cli;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which runtime the plan is for. */
final class TargetOption {
  @Option(
      names = "--target",
      paramLabel = "NAME|FILE",
      description =
          "The runtime that runs the plan (see: show runtimes) or a file: how it launches heads,"
              + " what shares a mask, and its dense kernels; it also sets --granularity and"
              + " --max-patterns-per-layer unless they are given (default: the kernel alone; of price: the plan's).")
  private Optional<String> target = Optional.empty();

  /**
   * @throws io.sparseplan.plans.BadInputException if there is no such runtime
   */
  Optional<AttentionRuntime> runtime() {
    return target.map(AttentionRuntime::resolve);
  }
}
