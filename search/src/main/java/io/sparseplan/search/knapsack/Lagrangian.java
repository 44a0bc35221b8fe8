package io.sparseplan.search.knapsack;

import java.util.List;

/**
 * The knapsack with its budgets turned into prices: Σ_h min_c (loss + Σ_k λ_k cost_k) − Σ_k λ_k
 * capacity_k is a lower bound for any multipliers λ ≥ 0 (Everett, Operations Research 11, 1963;
 * Fisher, Management Science 27, 1981).
 *
 * <p>The bound is proven in floating point too: every term is a sum of at most K + 1 non-negative
 * numbers, so all rounding together is below (heads + 2·budgets + 4) · 2^−53 of the sum of the
 * terms; twice that is taken off, and the rest rounded up, as every loss is a whole number.
 */
final class Lagrangian {
  private final MultipleChoice problem;
  private final double[] multipliers;
  private final int[] choice;
  private final double value;
  private final double margin;

  Lagrangian(MultipleChoice problem, double[] multipliers) {
    this.problem = problem;
    this.multipliers = multipliers;
    this.choice = new int[problem.heads()];
    double sum = 0;
    for (int head = 0; head < choice.length; head++) {
      double least = Double.POSITIVE_INFINITY;
      for (int option = 0; option < problem.options(head); option++) {
        double priced = priced(head, option);
        if (priced < least) {
          least = priced;
          choice[head] = option;
        }
      }
      sum += least;
    }
    double worth = 0;
    double magnitude = sum;
    List<CostBudget> budgets = problem.budgets();
    for (int k = 0; k < multipliers.length; k++) {
      worth += multipliers[k] * budgets.get(k).capacity();
      magnitude += multipliers[k] * Math.abs(budgets.get(k).capacity());
    }
    this.value = sum - worth;
    this.margin = (choice.length + 2 * multipliers.length + 4) * 0x1p-52 * magnitude;
  }

  /** The loss of an option plus its costs at the multipliers' prices. */
  double priced(int head, int option) {
    double priced = problem.loss()[head][option];
    for (int k = 0; k < multipliers.length; k++) {
      priced += multipliers[k] * problem.budgets().get(k).cost()[head][option];
    }
    return priced;
  }

  /** By how much an option is worse than the head's best at these prices. */
  double reducedCost(int head, int option) {
    return priced(head, option) - priced(head, choice[head]);
  }

  double[] multipliers() {
    return multipliers;
  }

  /** The best option of each head at these prices. Not to be changed. */
  int[] choice() {
    return choice;
  }

  /** What the bound is before its rounding is taken off. */
  double value() {
    return value;
  }

  /** More than all rounding in {@link #value} and in a sum of reduced costs. */
  double margin() {
    return margin;
  }

  /** No choice within the capacities loses less. */
  long bound() {
    return Math.max(0, (long) Math.ceil(value - margin));
  }
}
