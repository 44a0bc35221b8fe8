package io.sparseplan.search.problem;

import io.sparseplan.search.knapsack.CostBudget;
import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import io.sparseplan.search.knapsack.MultipleChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;

/**
 * The problem with every layer's work spread evenly: times become sums, and the rest is a {@link
 * MultipleChoice}. A makespan is never below the launch and the evenly spread work, so whatever
 * keeps to the goal keeps to it here too, and the least loss here bounds the least loss there.
 *
 * <p>The bounds are proven through the change to whole numbers: losses and costs are rounded down,
 * capacities up.
 */
public final class Relaxation {
  /** Covers the rounding of a sum of losses or times. */
  private static final double UP = 1 + 1e-12;

  private static final double DOWN = 1 - 1e-12;

  private final SearchProblem problem;

  /**
   * @param choice the choice with the least loss, empty if none was found
   * @param bound no plan that keeps to the goal loses less; infinite if none can
   * @param tariff for each limit the loss that one part more of it saves
   */
  public record Solution(Optional<int[]> choice, double bound, double[] tariff) {}

  public Relaxation(SearchProblem problem) {
    this.problem = problem;
  }

  /**
   * The least loss within the goal.
   *
   * @param timeShare makes every limit on time tighter by this factor, 0..1; the bound is one for
   *     the goal itself only at 1
   */
  public Solution leastLoss(double timeShare) {
    List<CostBudget> budgets = new ArrayList<>();
    int heads = problem.heads().count();
    for (int k = 0; k < problem.meters().size(); k++) {
      int limit = k;
      long capacity = problem.leastPartsCapacity(k);
      long most = MultipleChoice.MAX_TOTAL / heads;
      double share = problem.meters().get(k).readsTime() ? timeShare : 1;
      budgets.add(
          new CostBudget(
              table(place -> candidate -> Math.min(most, problem.leastParts(limit, candidate))),
              share == 1 ? capacity : (long) (capacity * share)));
    }
    FixedPoint unit = problem.lossUnit();
    long[][] loss = table(place -> candidate -> unit.down(problem.losses().mean(place, candidate)));
    KnapsackResult result = Knapsack.solve(new MultipleChoice(loss, budgets));
    return new Solution(
        result.choice().map(this::candidates),
        result.bound() == KnapsackResult.IMPOSSIBLE
            ? Double.POSITIVE_INFINITY
            : unit.value(result.bound()),
        Arrays.stream(result.multipliers()).map(each -> each * unit.unit()).toArray());
  }

  /**
   * A time in microseconds that every plan needs which loses no more than this, whatever the goal:
   * all layers, weighted sum over the lengths.
   */
  public double leastWorkloadMicros(double mostLoss) {
    double largest = 0;
    for (int candidate = 0; candidate < problem.prices().candidates(); candidate++) {
      largest = Math.max(largest, problem.workMicros(candidate));
    }
    FixedPoint timeUnit = FixedPoint.forTotal(largest * problem.heads().count());
    FixedPoint lossUnit = problem.lossUnit();
    long[][] time =
        table(place -> candidate -> timeUnit.down(problem.workMicros(candidate) * DOWN));
    long[][] loss =
        table(place -> candidate -> lossUnit.down(problem.losses().mean(place, candidate)));
    var budget = new CostBudget(loss, lossUnit.up(mostLoss * UP));
    KnapsackResult result = Knapsack.solve(new MultipleChoice(time, List.of(budget)));
    if (result.bound() == KnapsackResult.IMPOSSIBLE) {
      throw new IllegalArgumentException("No plan loses as little as %s.".formatted(mostLoss));
    }
    double launches = 0;
    for (int n = 0; n < problem.prices().lengths(); n++) {
      launches += problem.weight(n) * problem.heads().layers() * problem.prices().launchMicros();
    }
    return timeUnit.value(result.bound()) + launches * DOWN;
  }

  private interface OfHead {
    IntToLongFunction at(int place);
  }

  private long[][] table(OfHead values) {
    long[][] table = new long[problem.heads().count()][];
    for (int place = 0; place < table.length; place++) {
      table[place] =
          problem.options().of(place).stream().mapToLong(values.at(place)::applyAsLong).toArray();
    }
    return table;
  }

  private int[] candidates(int[] options) {
    int[] choice = new int[options.length];
    Arrays.setAll(choice, place -> problem.options().of(place).get(options[place]));
    return choice;
  }
}
