package io.sparseplan.search.problem;

import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import java.util.List;
import java.util.Optional;

/**
 * The least objective within several budgets over all tuples that layers may have, of which {@link
 * PairColumns} lists some: the knapsack of those listed gives a choice and multipliers; at these
 * prices the best tuples of all layers give a Lagrangian bound, and join the list.
 */
final class ColumnGeneration {
  private static final int MOST_ROUNDS = 12;

  /** A choice this close above its bound, relatively, is not worth another round. */
  private static final double CLOSE = 1e-4;

  /** More than the relative rounding of a sum over all heads. */
  private static final double ROUNDING = 1e-12;

  private final PairColumns columns;
  private final Menu.OfHead objective;
  private final List<Budget> budgets;
  private double bound;
  private double[] multipliers;

  ColumnGeneration(PairColumns columns, Menu.OfHead objective, List<Budget> budgets) {
    this.columns = columns;
    this.objective = objective;
    this.budgets = budgets;
    this.multipliers = new double[budgets.size()];
  }

  /** The result's choice is that of all heads. */
  KnapsackResult solve() {
    for (Budget budget : budgets) {
      double least = columns.extend(budget.values()::of);
      if (least * (1 - ROUNDING) > budget.capacity()) {
        return new KnapsackResult(
            Optional.empty(), KnapsackResult.IMPOSSIBLE, new double[budgets.size()]);
      }
    }
    priceAt(multipliers);
    var listed = listed();
    int before = 0;
    for (int round = 0;
        round < MOST_ROUNDS && columns.count() > before && !isClose(listed);
        round++) {
      before = columns.count();
      priceAt(listed.multipliers());
      listed = listed();
    }
    return new KnapsackResult(
        listed.choice().map(columns::choice), proven(listed), multipliers.clone());
  }

  private KnapsackResult listed() {
    return Knapsack.solve(Budget.knapsack(columns, objective, budgets));
  }

  private void priceAt(double[] prices) {
    double least =
        columns.extend(
            (place, candidate) -> {
              double priced = objective.of(place, candidate);
              for (int k = 0; k < prices.length; k++) {
                priced += prices[k] * budgets.get(k).values().of(place, candidate);
              }
              return priced;
            });
    double worth = 0;
    for (int k = 0; k < prices.length; k++) {
      worth += prices[k] * budgets.get(k).capacity();
    }
    double value = least - worth - ROUNDING * (least + Math.abs(worth));
    if (value > bound) {
      bound = value;
      multipliers = prices.clone();
    }
  }

  private boolean isClose(KnapsackResult listed) {
    return listed.choice().isPresent() && objectiveOf(listed) * (1 - CLOSE) <= bound;
  }

  private long proven(KnapsackResult listed) {
    long least = (long) Math.ceil(bound);
    return listed.choice().isPresent() ? Math.min(least, objectiveOf(listed)) : least;
  }

  private long objectiveOf(KnapsackResult listed) {
    int[] choice = columns.choice(listed.choice().orElseThrow());
    long total = 0;
    for (int place = 0; place < choice.length; place++) {
      total += objective.of(place, choice[place]);
    }
    return total;
  }
}
