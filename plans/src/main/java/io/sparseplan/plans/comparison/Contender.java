package io.sparseplan.plans.comparison;

import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.WilsonInterval;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.LossStatistic;
import java.util.Locale;
import java.util.Optional;

/**
 * One way to choose a plan, and what came of it.
 *
 * @param searchedBy the statistic that the strategy made least; peers have their own
 * @param outcome what the plan is, or why there is none
 */
public record Contender(
    Strategy strategy, Optional<LossStatistic> searchedBy, ContenderOutcome outcome) {
  /** What it is called in tables: the strategy, and what it searched by. */
  public String label() {
    String name = word(strategy);
    return searchedBy.map(statistic -> name + " by " + word(statistic)).orElse(name);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The plan's measured figures, where there is a plan and it was measured. */
  public Optional<Measured> measured() {
    return switch (outcome) {
      case ContenderOutcome.Found(Prediction _, var measured, var _) -> measured;
      case ContenderOutcome.NoPlan _ -> Optional.empty();
    };
  }

  /** Where the share of answers kept lies, at 95 %; empty where no answers were measured. */
  public Optional<WilsonInterval> answersKept() {
    return switch (outcome) {
      case ContenderOutcome.Found(Prediction _, var _, var answersKept) -> answersKept;
      case ContenderOutcome.NoPlan _ -> Optional.empty();
    };
  }
}
