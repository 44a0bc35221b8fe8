package io.sparseplan.search.knapsack;

/**
 * What the options of every head cost against one budget.
 *
 * @param cost cost[head][option], none negative
 * @param capacity what all heads may cost together; negative where nothing may be chosen
 */
public record CostBudget(long[][] cost, long capacity) {
  public CostBudget {
    MultipleChoice.requireSmallTotal("cost", cost);
  }

  long of(int[] choice) {
    return MultipleChoice.total(cost, choice);
  }
}
