package io.sparseplan.search.knapsack;

/** Solves a {@link MultipleChoice}: exactly for one budget, with a proven bound for several. */
public final class Knapsack {
  private Knapsack() {}

  /**
   * For one budget the result's choice loses exactly its bound, short of instances so hard that the
   * solver would run out of memory; then, and for several budgets, the bound may be lower.
   */
  public static KnapsackResult solve(MultipleChoice problem) {
    return problem.budgets().size() == 1
        ? new SingleBudget(problem).solve()
        : new SeveralBudgets(problem).solve();
  }
}
