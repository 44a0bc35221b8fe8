package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import java.util.Arrays;

/** Which of the losses that a profile holds. */
public enum LossKind {
  /** {@link HeadStatistics#outputError}. */
  OUTPUT_ERROR,
  /** 1 − {@link HeadStatistics#recall}: MInference's score, turned round. */
  LOST_MASS,
  /** {@link FirstOrderLoss#rowRms} of the profile's objective. */
  FIRST_ORDER,
  /** {@link FirstOrderLoss#absolute} of the profile's objective. */
  ABSOLUTE_FIRST_ORDER,
  /** {@link HeadStatistics#droppedInfluence} on the profile's objective: MoA's loss. */
  INFLUENCE,
  /** KL(dense ‖ plan) to second order, of profiles whose objective is {@link Objective#KL}. */
  DIVERGENCE,
  /** {@link LossStatistic#GUARDED_DIVERGENCE}. */
  GUARDED_DIVERGENCE;

  /**
   * The statistic that this is in a profile.
   *
   * @throws BadInputException if the profile's gradients are not of an objective that has it
   */
  public LossStatistic in(Profile profile) {
    return Arrays.stream(LossStatistic.values())
        .filter(statistic -> statistic.kind() == this && statistic.isIn(profile))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "The profile of %s has gradients of %s; %s is not among its losses."
                        .formatted(profile.model().name(), profile.objective(), this),
                    "profile with another --objective, or search by another --loss."));
  }
}
