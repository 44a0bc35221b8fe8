package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.PromptSet;
import java.util.Optional;

/**
 * What the losses of a plan were computed from.
 *
 * @param statistic the statistic of the profile that the search minimised: every predicted loss is
 *     in its unit
 * @param refinement how the plan was searched for again by what it lost; empty where it was not
 */
public record Calibration(
    PromptSet promptSet, LossStatistic statistic, Optional<Refinement> refinement) {
  @JsonCreator
  public Calibration {}

  /** Of a plan as it was first searched for. */
  public Calibration(PromptSet promptSet, LossStatistic statistic) {
    this(promptSet, statistic, Optional.empty());
  }

  /** Of a plan that was searched for again. */
  public Calibration with(Refinement made) {
    return new Calibration(promptSet, statistic, Optional.of(made));
  }

  /**
   * Whether losses of both are of the same statistic and prompts, however they were searched by.
   */
  public boolean sameLosses(Calibration other) {
    return promptSet.equals(other.promptSet) && statistic == other.statistic;
  }
}
