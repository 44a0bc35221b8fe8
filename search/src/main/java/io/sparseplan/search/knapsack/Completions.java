package io.sparseplan.search.knapsack;

import java.util.Arrays;

/** What the heads not yet decided cost and lose at least, and in two ways to complete a choice. */
final class Completions {
  /** By the greedy choice, and by the multiplier's. */
  static final int WAYS = 2;

  private final Lagrangian prices;
  private final double multiplier;
  private final int[][] choices;
  private final long[][] costOfRest;
  private final long[][] lossOfRest;
  private final long[] leastCostOfRest;
  private final double[] pricedSoFar;

  /**
   * Index {@code after} of every array: when the first {@code after} heads of the order are
   * decided.
   */
  Completions(
      long[][] loss,
      CostBudget budget,
      Lagrangian prices,
      int[] order,
      int[][] options,
      int[] greedy) {
    int heads = order.length;
    this.prices = prices;
    this.multiplier = prices.multipliers()[0];
    this.choices = new int[][] {greedy.clone(), prices.choice().clone()};
    this.costOfRest = new long[WAYS][heads + 1];
    this.lossOfRest = new long[WAYS][heads + 1];
    this.leastCostOfRest = new long[heads + 1];
    this.pricedSoFar = new double[heads + 1];
    for (int after = heads - 1; after >= 0; after--) {
      int head = order[after];
      long[] cost = budget.cost()[head];
      for (int way = 0; way < WAYS; way++) {
        int option = choices[way][head];
        costOfRest[way][after] = costOfRest[way][after + 1] + cost[option];
        lossOfRest[way][after] = lossOfRest[way][after + 1] + loss[head][option];
      }
      long least =
          Arrays.stream(options[head]).mapToLong(option -> cost[option]).min().orElseThrow();
      leastCostOfRest[after] = leastCostOfRest[after + 1] + least;
    }
    for (int stage = 0; stage < heads; stage++) {
      int head = order[stage];
      pricedSoFar[stage + 1] = pricedSoFar[stage] + prices.priced(head, prices.choice()[head]);
    }
  }

  long leastCost(int after) {
    return leastCostOfRest[after];
  }

  long cost(int way, int after) {
    return costOfRest[way][after];
  }

  long loss(int way, int after) {
    return lossOfRest[way][after];
  }

  int[] choice(int way) {
    return choices[way].clone();
  }

  /** Whatever the rest choose, they and this sum lose no less, but for the margin of the prices. */
  double lowerBound(int after, long cost, long loss) {
    return prices.value() + (loss + multiplier * cost - pricedSoFar[after]);
  }
}
