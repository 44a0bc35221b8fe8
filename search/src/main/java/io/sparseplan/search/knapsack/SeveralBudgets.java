package io.sparseplan.search.knapsack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The knapsack with several budgets: a proven bound, and a good choice.
 *
 * <p>Idea: {@link DualAscent} finds a multiplier for each budget. The budgets, added up at these
 * prices, make one budget that every allowed choice keeps to (the surrogate relaxation: Glover,
 * Operations Research 23, 1975; never below the Lagrangian bound). {@link SingleBudget} solves it
 * to the end; its loss is the bound, and where its choice keeps to every budget, it is the best
 * one. Otherwise the relaxations' choices are repaired greedily.
 */
final class SeveralBudgets {
  /** Largest total of the priced costs; leaves a double room for exact products. */
  private static final double PRICED_TOTAL = 0x1p50;

  private static final double UP = 1 + 0x1p-48;
  private static final double DOWN = 1 - 0x1p-48;

  private final MultipleChoice problem;
  private final List<int[]> starts = new ArrayList<>();

  SeveralBudgets(MultipleChoice problem) {
    this.problem = problem;
  }

  KnapsackResult solve() {
    int[] leastLosses = leastLosses();
    if (problem.fits(leastLosses)) {
      return new KnapsackResult(
          Optional.of(leastLosses),
          problem.lossOf(leastLosses),
          new double[problem.budgets().size()]);
    }
    long bound = 0;
    double[] multipliers = new double[problem.budgets().size()];
    for (int k = 0; k < multipliers.length; k++) {
      var alone = new MultipleChoice(problem.loss(), List.of(problem.budgets().get(k)));
      KnapsackResult result = new SingleBudget(alone).solve();
      if (result.choice().isEmpty()) {
        return KnapsackResult.impossible(multipliers.length);
      }
      starts.add(result.choice().get());
      if (result.bound() >= bound) {
        bound = result.bound();
        Arrays.fill(multipliers, 0);
        multipliers[k] =
            HullGreedy.of(alone.loss(), alone.budgets().getFirst()).orElseThrow().multiplier();
      }
    }
    long reachable = best().map(problem::lossOf).orElse(bound + bound / 20);
    Lagrangian prices = new DualAscent(problem).from(multipliers, reachable);
    bound = Math.max(bound, prices.bound());
    starts.add(prices.choice());
    bound = Math.max(bound, surrogateBound(prices.multipliers()));
    Optional<int[]> choice = best();
    long proven = bound;
    return new KnapsackResult(
        choice,
        choice.map(found -> Math.min(proven, problem.lossOf(found))).orElse(proven),
        prices.multipliers());
  }

  private int[] leastLosses() {
    return IntStream.range(0, problem.heads())
        .map(
            head ->
                IntStream.range(0, problem.options(head))
                    .reduce((a, b) -> problem.loss()[head][b] < problem.loss()[head][a] ? b : a)
                    .orElseThrow())
        .toArray();
  }

  private Optional<int[]> best() {
    int[] best = null;
    for (int[] start : starts) {
      Optional<int[]> repaired = GreedyRepair.of(problem, start);
      if (repaired.isPresent()
          && (best == null || problem.lossOf(repaired.get()) < problem.lossOf(best))) {
        best = repaired.get();
      }
    }
    return Optional.ofNullable(best);
  }

  private long surrogateBound(double[] multipliers) {
    double total = 0;
    for (int head = 0; head < problem.heads(); head++) {
      double most = 0;
      for (int option = 0; option < problem.options(head); option++) {
        most = Math.max(most, pricedCost(multipliers, head, option));
      }
      total += most;
    }
    if (!(total > 0)) {
      return 0;
    }
    double scale = PRICED_TOTAL / total;
    // Costs rounded down and the capacity up: what kept to every budget keeps to this one.
    var cost = new long[problem.heads()][];
    for (int head = 0; head < cost.length; head++) {
      cost[head] = new long[problem.options(head)];
      for (int option = 0; option < cost[head].length; option++) {
        cost[head][option] =
            (long) Math.floor(scale * pricedCost(multipliers, head, option) * DOWN);
      }
    }
    double capacity = 0;
    for (int k = 0; k < multipliers.length; k++) {
      capacity += multipliers[k] * problem.budgets().get(k).capacity();
    }
    var surrogate =
        new MultipleChoice(
            problem.loss(), List.of(new CostBudget(cost, (long) Math.ceil(scale * capacity * UP))));
    KnapsackResult result = new SingleBudget(surrogate).solve();
    result.choice().ifPresent(starts::add);
    return result.bound();
  }

  private double pricedCost(double[] multipliers, int head, int option) {
    double cost = 0;
    for (int k = 0; k < multipliers.length; k++) {
      cost += multipliers[k] * problem.budgets().get(k).cost()[head][option];
    }
    return cost;
  }
}
