package io.sparseplan.search;

import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Optional;

/**
 * The best choice of the separable relaxation that also keeps to the limits when it is simulated:
 * the relaxation's time is made tighter until it does, first by as much as the simulated time was
 * too long, which is nearly the same for plans that are nearly as fast.
 */
final class FirstPlan {
  private static final int MOST_ROUNDS = 12;

  /** Shares of the time this close to each other are not worth another round. */
  private static final double CLOSE = 2e-3;

  private FirstPlan() {}

  /**
   * @param relaxed the relaxation's solution with the goal's own limits
   * @return the best choice met, which may break limits
   */
  static Optional<int[]> of(
      SearchProblem problem, Relaxation relaxation, Relaxation.Solution relaxed) {
    Optional<int[]> best = relaxed.choice();
    if (best.map(problem::valueOf).map(PlanValue::keepsLimits).orElse(false)) {
      return best;
    }
    double keeps = 0;
    double breaks = 1;
    double share = best.map(choice -> 1 / timeUsed(problem, choice)).orElse(0.5);
    for (int round = 0; round < MOST_ROUNDS && breaks - keeps > CLOSE; round++) {
      if (share >= breaks || share <= keeps) {
        share = (keeps + breaks) / 2;
      }
      Optional<int[]> choice = relaxation.best(share).choice();
      if (choice.isEmpty()) {
        keeps = share;
        continue;
      }
      PlanValue value = problem.valueOf(choice.get());
      if (best.isEmpty() || value.compareTo(problem.valueOf(best.get())) < 0) {
        best = choice;
      }
      if (value.keepsLimits()) {
        keeps = share;
        share += CLOSE;
      } else {
        breaks = share;
        share = Math.min(share / timeUsed(problem, choice.get()), share - CLOSE / 2);
      }
    }
    return best;
  }

  /** The most that the choice uses up of a limit on time, 1 where it is just kept. */
  private static double timeUsed(SearchProblem problem, int[] choice) {
    long[] parts = problem.parts(choice);
    double most = 0;
    for (int k = 0; k < problem.limits(); k++) {
      if (problem.meters().get(k).isMoreThanItsHeads()) {
        most = Math.max(most, (double) parts[k] / LimitMeter.CAPACITY);
      }
    }
    return most > 0 ? most : 1;
  }
}
