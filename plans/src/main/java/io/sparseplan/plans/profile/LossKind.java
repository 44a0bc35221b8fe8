package io.sparseplan.plans.profile;

/** Which of the losses that every profile holds. */
public enum LossKind {
  /** {@link HeadStatistics#outputError}. */
  OUTPUT_ERROR,
  /** {@link FirstOrderLoss#rowRms} of the profile's objective. */
  FIRST_ORDER;

  /** The statistic that this is in a profile. */
  public LossStatistic in(Profile profile) {
    return switch (this) {
      case OUTPUT_ERROR -> LossStatistic.OUTPUT_ERROR;
      case FIRST_ORDER -> LossStatistic.firstOrder(profile.objective());
    };
  }
}
