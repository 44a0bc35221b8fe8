package io.sparseplan.search;

import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Optional;

/**
 * The best choice of the separable relaxation that also keeps to the limits when it is simulated:
 * the relaxation's time is made tighter by bisection until it does.
 */
final class FirstPlan {
  private static final int BISECTIONS = 14;

  private FirstPlan() {}

  /**
   * @param relaxed the solution with the goal's own limits
   * @return the best choice met, which may break limits
   */
  static Optional<int[]> of(SearchProblem problem, Relaxation.Solution relaxed) {
    Optional<int[]> best = relaxed.choice();
    if (best.map(problem::valueOf).map(PlanValue::keepsLimits).orElse(false)) {
      return best;
    }
    var relaxation = new Relaxation(problem);
    double keeps = 0;
    double breaks = 1;
    for (int bisection = 0; bisection < BISECTIONS; bisection++) {
      double share = (keeps + breaks) / 2;
      Optional<int[]> choice = relaxation.best(share).choice();
      if (choice.isEmpty()) {
        keeps = share;
        continue;
      }
      PlanValue value = problem.valueOf(choice.get());
      if (value.keepsLimits()) {
        keeps = share;
      } else {
        breaks = share;
      }
      if (best.isEmpty() || value.compareTo(problem.valueOf(best.get())) < 0) {
        best = choice;
      }
    }
    return best;
  }
}
