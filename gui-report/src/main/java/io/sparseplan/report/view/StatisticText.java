package io.sparseplan.report.view;

import io.sparseplan.plans.profile.LossStatistic;

/** What the losses of a plan add up, in words. */
final class StatisticText {
  private StatisticText() {}

  static String of(LossStatistic statistic) {
    return switch (statistic) {
      case OUTPUT_ERROR -> "output error: ‖O_c − O‖² ÷ ‖O‖², summed over heads; a ratio";
      case FIRST_ORDER_MARGIN -> firstOrder("the log-odds against the right token");
      case FIRST_ORDER_CE -> firstOrder("the cross-entropy");
      case FIRST_ORDER_TEMP -> firstOrder("the cross-entropy of logits ÷ 4");
      case KL_SECOND_ORDER ->
          "KL(dense‖plan) to second order, from the gradients of labels that the model draws itself;"
              + " nats a token, summed over heads";
    };
  }

  private static String firstOrder(String objective) {
    return "first-order loss: √Σ_rows ⟨∂L/∂O, O_c − O⟩², L = %s, summed over heads; nats"
        .formatted(objective);
  }
}
