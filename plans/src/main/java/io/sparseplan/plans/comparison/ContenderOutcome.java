package io.sparseplan.plans.comparison;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.evaluation.WilsonInterval;
import io.sparseplan.plans.plan.Prediction;
import java.util.Optional;

/** What came of a strategy. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ContenderOutcome.Found.class, name = "found"),
  @JsonSubTypes.Type(value = ContenderOutcome.NoPlan.class, name = "no_plan")
})
public sealed interface ContenderOutcome {
  /**
   * A plan within the goal.
   *
   * @param predicted its loss, in the comparison's statistic, and its time
   * @param measured on the comparison's prompts, where it was measured
   * @param answersKept of its answers, where the prompts mark some
   */
  record Found(
      Prediction predicted, Optional<Measured> measured, Optional<WilsonInterval> answersKept)
      implements ContenderOutcome {
    /** A plan that is not measured. */
    public static Found of(Prediction predicted) {
      return new Found(predicted, Optional.empty(), Optional.empty());
    }

    /** The same with what was measured. */
    public Found with(Measured given) {
      return new Found(
          predicted,
          Optional.of(given),
          given.answers() == 0
              ? Optional.empty()
              : Optional.of(WilsonInterval.of(given.answersRight(), given.answers())));
    }
  }

  /** The strategy has no plan that keeps to the goal. */
  record NoPlan(String why) implements ContenderOutcome {}
}
