package io.sparseplan.search.problem;

import io.sparseplan.search.knapsack.CostBudget;
import io.sparseplan.search.knapsack.MultipleChoice;
import java.util.List;

/** A number of each candidate in each head, of which all heads together may have only so much. */
record Budget(Menu.OfHead values, long capacity) {
  /** The knapsack of a menu's options. */
  static MultipleChoice knapsack(Menu menu, Menu.OfHead objective, List<Budget> budgets) {
    return new MultipleChoice(
        menu.sums(objective),
        budgets.stream()
            .map(budget -> new CostBudget(menu.sums(budget.values()), budget.capacity()))
            .toList());
  }
}
