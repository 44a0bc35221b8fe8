package io.sparseplan.search.knapsack;

import java.util.Arrays;

/**
 * Looks for the multipliers with the highest {@link Lagrangian} bound by subgradient steps of
 * Polyak's length (Held, Wolfe and Crowder, Mathematical Programming 6, 1974): towards dearer
 * prices for budgets that the priced choice exceeds and cheaper ones for the others, by a share θ
 * of the distance to a loss that is known to be reachable; θ halves where the bound stands still.
 */
final class DualAscent {
  private static final int STEPS = 600;
  private static final int PATIENCE = 15;
  private static final double LEAST_SHARE = 1e-4;

  private final MultipleChoice problem;

  DualAscent(MultipleChoice problem) {
    this.problem = problem;
  }

  /**
   * @param start multipliers to start from
   * @param reachable a loss that some choice within the capacities has, or an estimate
   */
  Lagrangian from(double[] start, long reachable) {
    double[] scale =
        problem.budgets().stream().mapToDouble(b -> 1 / Math.max(1.0, b.capacity())).toArray();
    Lagrangian best = new Lagrangian(problem, start);
    Lagrangian at = best;
    double share = 1;
    int still = 0;
    for (int step = 0; step < STEPS && share > LEAST_SHARE; step++) {
      double[] slope = slope(at, scale);
      double steepness = Arrays.stream(slope).map(s -> s * s).sum();
      double missing = Math.max(reachable, best.value() + 1) - at.value();
      if (steepness == 0) {
        break;
      }
      double[] next = at.multipliers().clone();
      for (int k = 0; k < next.length; k++) {
        next[k] = Math.max(0, next[k] + share * missing / steepness * slope[k] * scale[k]);
      }
      at = new Lagrangian(problem, next);
      if (at.value() > best.value()) {
        best = at;
        still = 0;
      } else if (++still == PATIENCE) {
        share /= 2;
        still = 0;
        at = best;
      }
    }
    return best;
  }

  /** By how much the priced choice exceeds each capacity, as a share of it. */
  private double[] slope(Lagrangian at, double[] scale) {
    double[] slope = new double[scale.length];
    for (int k = 0; k < slope.length; k++) {
      CostBudget budget = problem.budgets().get(k);
      slope[k] = (budget.of(at.choice()) - budget.capacity()) * scale[k];
      if (slope[k] < 0 && at.multipliers()[k] == 0) {
        slope[k] = 0;
      }
    }
    return slope;
  }
}
