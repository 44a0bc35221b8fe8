package io.sparseplan.cli;

import io.sparseplan.plans.plan.Strategy;
import picocli.CommandLine.Option;

/** How a plan is chosen. */
final class StrategyOption {
  @Option(
      names = "--strategy",
      paramLabel = "S",
      defaultValue = "OPTAPLANNER",
      description =
          "optaplanner; or, as a baseline, uniform, one streaming pattern for all heads, or a"
              + " peer's way: minference, moa, duo_attention, razor_attention, sparse_vdit,"
              + " pyramid_kv, random (default: optaplanner).")
  private Strategy strategy;

  Strategy strategy() {
    return strategy;
  }
}
