package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Workload;

/** Visited tiles ÷ dense tiles of a plan: mean over heads, and over lengths by their weight. */
final class MeanDensity {
  private MeanDensity() {}

  static double of(Plan plan) {
    double weighted = 0;
    double weights = 0;
    for (Prediction.AtLength at : plan.predicted().byLength()) {
      double weight =
          plan.workload().lengths().stream()
              .filter(entry -> entry.length().equals(at.length()))
              .mapToDouble(Workload.Entry::weight)
              .sum();
      weighted += weight * at.density();
      weights += weight;
    }
    return weighted / weights;
  }
}
