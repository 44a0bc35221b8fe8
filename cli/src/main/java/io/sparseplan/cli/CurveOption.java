package io.sparseplan.cli;

import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether a curve of plans is wanted, and of how many. */
final class CurveOption {
  private static final int MOST_POINTS = 1000;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--pareto",
      paramLabel = "K",
      description =
          "Also find the curve of loss against time, from the fastest plan to the time of dense: K"
              + " plans, within the limits other than --max-time and --max-loss.")
  private Optional<Integer> points = Optional.empty();

  /** How many points the curve shall have. */
  Optional<Integer> points() {
    if (points.isPresent() && (points.get() < 2 || points.get() > MOST_POINTS)) {
      throw new ParameterException(
          command.commandLine(),
          "--pareto (%d) must be in 2..%d.\nMaybe give 20.".formatted(points.get(), MOST_POINTS));
    }
    return points;
  }
}
