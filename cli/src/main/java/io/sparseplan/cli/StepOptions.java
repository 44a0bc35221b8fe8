package io.sparseplan.cli;

import io.sparseplan.cli.RuleOptions.End;
import io.sparseplan.plans.plan.DenoisingSteps;
import io.sparseplan.plans.plan.DenoisingSteps.DenseFirst;
import io.sparseplan.plans.plan.DenoisingSteps.DenseLast;
import io.sparseplan.plans.plan.Plan;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** In which denoising steps of a video model a plan's heads are sparse. */
final class StepOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "The denoising steps of a video model, where the plan says what each runs.")
  private Optional<Integer> count = Optional.empty();

  @Option(
      names = "--dense-steps",
      paramLabel = "END=K",
      split = ",",
      description = "Of these, steps at the ends that stay dense, such as first=15,last=1.")
  private Map<End, Integer> dense = new EnumMap<>(End.class);

  /** The plan, by step if asked for. */
  Plan of(Plan plan) {
    if (count.isEmpty() && !dense.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--dense-steps needs the number of steps.\nMaybe give --steps 50 too.");
    }
    return count
        .map(
            steps ->
                plan.during(
                    new DenoisingSteps(
                        steps,
                        new DenseFirst(dense.getOrDefault(End.FIRST, 0)),
                        new DenseLast(dense.getOrDefault(End.LAST, 0)))))
        .orElse(plan);
  }
}
