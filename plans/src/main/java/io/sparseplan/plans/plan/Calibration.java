package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptSet;
import java.util.Optional;

/**
 * What the losses of a plan were computed from.
 *
 * @param arithmetic of the profile: what its prompts ran in
 * @param statistic the statistic of the profile that the search minimised: every predicted loss is
 *     in its unit
 * @param refinement how the plan was searched for again by what it lost; empty where it was not
 */
public record Calibration(
    PromptSet promptSet,
    Arithmetic arithmetic,
    LossStatistic statistic,
    Optional<Refinement> refinement) {
  @JsonCreator
  public Calibration {}

  /** Of a plan as it was first searched for. */
  public static Calibration of(Profile profile, LossStatistic statistic) {
    return new Calibration(profile.promptSet(), profile.arithmetic(), statistic, Optional.empty());
  }

  /** Of a plan that was searched for again. */
  public Calibration with(Refinement made) {
    return new Calibration(promptSet, arithmetic, statistic, Optional.of(made));
  }

  /**
   * Whether losses of both are of the same statistic, prompts and arithmetic, however they were
   * searched by.
   */
  public boolean sameLosses(Calibration other) {
    return promptSet.equals(other.promptSet)
        && arithmetic == other.arithmetic
        && statistic == other.statistic;
  }
}
