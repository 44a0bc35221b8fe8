package io.sparseplan.search.knapsack;

import java.util.Optional;

/** Makes a choice keep to several budgets by single steps, then buys what is left to buy. */
final class GreedyRepair {
  private final MultipleChoice problem;
  private final int[] choice;
  private final long[] used;

  private GreedyRepair(MultipleChoice problem, int[] choice) {
    this.problem = problem;
    this.choice = choice.clone();
    this.used = problem.budgets().stream().mapToLong(budget -> budget.of(choice)).toArray();
  }

  /** A choice within the capacities that starts from this one; empty if the steps lead to none. */
  static Optional<int[]> of(MultipleChoice problem, int[] choice) {
    var repair = new GreedyRepair(problem, choice);
    if (!repair.reduce()) {
      return Optional.empty();
    }
    repair.buy();
    return Optional.of(repair.choice);
  }

  /** Takes the step that costs the least loss for the excess it removes, until there is none. */
  private boolean reduce() {
    double excess = excessAfter(0, choice[0]);
    while (excess > 0) {
      int bestHead = -1;
      int bestOption = -1;
      double leastPrice = Double.POSITIVE_INFINITY;
      for (int head = 0; head < choice.length; head++) {
        for (int option = 0; option < problem.options(head); option++) {
          double removed = excess - excessAfter(head, option);
          double price = -lossSaved(head, option) / removed;
          if (removed > 0 && price < leastPrice) {
            leastPrice = price;
            bestHead = head;
            bestOption = option;
          }
        }
      }
      if (bestHead < 0) {
        return false;
      }
      take(bestHead, bestOption);
      excess = excessAfter(0, choice[0]);
    }
    return true;
  }

  /** Takes the step that saves the most loss and fits, until none does. */
  private void buy() {
    while (true) {
      int bestHead = -1;
      int bestOption = -1;
      long mostSaved = 0;
      for (int head = 0; head < choice.length; head++) {
        for (int option = 0; option < problem.options(head); option++) {
          long saved = lossSaved(head, option);
          if (saved > mostSaved && excessAfter(head, option) == 0) {
            mostSaved = saved;
            bestHead = head;
            bestOption = option;
          }
        }
      }
      if (bestHead < 0) {
        return;
      }
      take(bestHead, bestOption);
    }
  }

  private long lossSaved(int head, int option) {
    return problem.loss()[head][choice[head]] - problem.loss()[head][option];
  }

  /** By how much the budgets are exceeded with this option, each as a share of its capacity. */
  private double excessAfter(int head, int option) {
    double excess = 0;
    for (int k = 0; k < used.length; k++) {
      CostBudget budget = problem.budgets().get(k);
      long[] cost = budget.cost()[head];
      long over = used[k] + cost[option] - cost[choice[head]] - budget.capacity();
      if (over > 0) {
        excess += over / Math.max(1.0, budget.capacity());
      }
    }
    return excess;
  }

  private void take(int head, int option) {
    for (int k = 0; k < used.length; k++) {
      long[] cost = problem.budgets().get(k).cost()[head];
      used[k] += cost[option] - cost[choice[head]];
    }
    choice[head] = option;
  }
}
