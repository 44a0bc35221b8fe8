package io.sparseplan.search.knapsack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The relaxation of a knapsack with one budget in which options may be mixed, solved exactly: start
 * every head at its cheapest option and buy the steps along the heads' convex hulls, the most loss
 * saved for a unit of cost first (Sinha and Zoltners, Operations Research 27, 1979). The first step
 * that does not fit gives the best Lagrange multiplier; buying on where steps still fit gives a
 * choice of whole options.
 *
 * @param multiplier loss saved for a unit of cost by the first step that did not fit; 0 if all fit
 * @param choice a choice within the capacity
 */
record HullGreedy(double multiplier, int[] choice) {
  private record Step(int head, int from, int to, double gain) {}

  /** Empty if even the cheapest options together exceed the capacity. */
  static Optional<HullGreedy> of(long[][] loss, CostBudget budget) {
    int[] choice = new int[loss.length];
    List<Step> steps = new ArrayList<>();
    for (int head = 0; head < loss.length; head++) {
      long[] cost = budget.cost()[head];
      int[] hull = Frontier.hull(Frontier.undominated(cost, loss[head]), cost, loss[head]);
      choice[head] = hull[0];
      for (int i = 1; i < hull.length; i++) {
        double gain = Frontier.gain(cost, loss[head], hull[i - 1], hull[i]);
        steps.add(new Step(head, hull[i - 1], hull[i], gain));
      }
    }
    long left = budget.capacity() - budget.of(choice);
    if (left < 0) {
      return Optional.empty();
    }
    // Stable, so the steps of one head stay in the order of its hull.
    steps.sort(Comparator.comparingDouble(Step::gain).reversed());
    double multiplier = 0;
    for (Step step : steps) {
      long[] cost = budget.cost()[step.head()];
      long extra = cost[step.to()] - cost[step.from()];
      if (extra <= left && choice[step.head()] == step.from()) {
        choice[step.head()] = step.to();
        left -= extra;
      } else if (multiplier == 0) {
        multiplier = step.gain();
      }
    }
    return Optional.of(new HullGreedy(multiplier, choice));
  }
}
