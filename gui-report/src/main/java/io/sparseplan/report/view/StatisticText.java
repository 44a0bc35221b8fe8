package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Calibration.Statistic;

/** What the losses of a plan add up, in words. */
final class StatisticText {
  private StatisticText() {}

  static String of(Statistic statistic) {
    return switch (statistic) {
      case OUTPUT_ERROR -> "output error: ‖O_c − O‖² ÷ ‖O‖², summed over heads; no unit";
    };
  }
}
