package io.sparseplan.cli;

import io.sparseplan.plans.profile.LossStatistic;

/** The unit of predicted losses, as people read it. */
final class LossText {
  private LossText() {}

  static String unit(LossStatistic statistic) {
    return switch (statistic.kind()) {
      case OUTPUT_ERROR -> "of output error";
      case LOST_MASS -> "of softmax weight lost";
      case FIRST_ORDER -> "nats of %s to first order".formatted(objective(statistic));
      case ABSOLUTE_FIRST_ORDER ->
          "nats of %s to first order, absolute".formatted(objective(statistic));
      case INFLUENCE -> "nats of influence on %s".formatted(objective(statistic));
      case DIVERGENCE -> "nats of KL(dense‖plan) a token to second order";
      case GUARDED_DIVERGENCE ->
          "nats of KL(dense‖plan) a token and squared log-odds of answers, to second order";
    };
  }

  private static String objective(LossStatistic statistic) {
    return switch (statistic.objective().orElseThrow()) {
      case MARGIN -> "log-odds";
      case CE -> "cross-entropy";
      case TEMP -> "tempered cross-entropy";
      case KL -> "drawn labels";
      case GUARDED_KL -> "drawn labels and marked answers";
      case NONE -> throw new IllegalStateException("No statistic has gradients of no loss.");
    };
  }
}
