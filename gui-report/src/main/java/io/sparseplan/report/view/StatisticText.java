package io.sparseplan.report.view;

import io.sparseplan.plans.profile.LossStatistic;

/** What the losses of a plan add up, in words. */
final class StatisticText {
  private StatisticText() {}

  static String of(LossStatistic statistic) {
    return switch (statistic.kind()) {
      case OUTPUT_ERROR -> "output error: ‖O_c − O‖² ÷ ‖O‖², summed over heads; a ratio";
      case LOST_MASS -> "lost mass: the share of the softmax weight dropped, summed over heads";
      case FIRST_ORDER ->
          "first-order loss: √Σ_rows ⟨∂L/∂O, O_c − O⟩², L = %s, summed over heads; nats"
              .formatted(objective(statistic));
      case ABSOLUTE_FIRST_ORDER ->
          "first-order loss: Σ_rows |⟨∂L/∂O, O_c − O⟩|, L = %s, summed over heads; nats"
              .formatted(objective(statistic));
      case INFLUENCE ->
          "MoA's influence of the entries dropped on L = %s, summed over heads; nats"
              .formatted(objective(statistic));
      case DIVERGENCE ->
          "KL(dense‖plan) to second order, from the gradients of labels that the model draws"
              + " itself; nats a token, summed over heads";
      case GUARDED_DIVERGENCE ->
          "KL(dense‖plan) and half the squared change of the log-odds of marked answers, to second"
              + " order; nats a token, summed over heads";
    };
  }

  private static String objective(LossStatistic statistic) {
    return switch (statistic.objective().orElseThrow()) {
      case MARGIN -> "the log-odds against the right token";
      case CE -> "the cross-entropy";
      case TEMP -> "the cross-entropy of logits ÷ 4";
      case KL -> "the cross-entropy of labels that the model draws itself";
      case GUARDED_KL ->
          "the cross-entropy of labels that the model draws itself, of marked answers the log-odds";
      case NONE -> throw new IllegalStateException("No statistic has gradients of no loss.");
    };
  }
}
