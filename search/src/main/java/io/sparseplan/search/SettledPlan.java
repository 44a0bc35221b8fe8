package io.sparseplan.search;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;

/**
 * Takes back changes against the baseline that are worth nothing: whoever runs the old plan has to
 * be given a reason for each. First all of them, then each by itself, as long as what is to be
 * least grows by no more than a thousandth in all and every limit and rule is kept.
 */
final class SettledPlan {
  private static final double WORTH_NOTHING = 1e-3;

  private SettledPlan() {}

  static int[] of(SearchProblem problem, int[] found) {
    return problem
        .rules()
        .baseline()
        .map(baseline -> settled(problem, found, baseline))
        .orElse(found);
  }

  private static int[] settled(SearchProblem problem, int[] found, ChoiceRules.Baseline baseline) {
    double most = objective(problem, found) * (1 + WORTH_NOTHING);
    if (serves(problem, baseline.choice(), most)) {
      return baseline.choice().clone();
    }
    int[] settled = found.clone();
    for (int place = 0; place < settled.length; place++) {
      int now = settled[place];
      int before = baseline.choice()[place];
      if (problem.rules().changes(place, before) < problem.rules().changes(place, now)) {
        settled[place] = before;
        if (!serves(problem, settled, most)) {
          settled[place] = now;
        }
      }
    }
    return settled;
  }

  private static boolean serves(SearchProblem problem, int[] choice, double mostObjective) {
    PlanValue value = problem.valueOf(choice);
    return value.keepsLimits() && objective(problem, choice) <= mostObjective;
  }

  private static double objective(SearchProblem problem, int[] choice) {
    return switch (problem.aim()) {
      case Aim.LeastLoss() -> problem.lossOf(choice);
      case Aim.LeastTime(double maxLoss) -> problem.workloadMicros(choice);
    };
  }
}
