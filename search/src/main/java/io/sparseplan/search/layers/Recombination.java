package io.sparseplan.search.layers;

import io.sparseplan.search.knapsack.CostBudget;
import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import io.sparseplan.search.knapsack.MultipleChoice;
import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Makes the best plan out of layers that were simulated: as all layers are alike, the time of a
 * tuple holds in each of them, and choosing one tuple a layer is a {@link MultipleChoice} with
 * exact times.
 */
final class Recombination {
  /** Tuples offered to each layer: those with the least priced value there. */
  private static final int TUPLES_A_LAYER = 400;

  private final SearchProblem problem;

  /**
   * @param choice the best plan of simulated layers within the limits, empty if none was found
   * @param tariff for each limit the loss that one part more of it saves
   */
  record Result(Optional<int[]> choice, double[] tariff) {}

  Recombination(SearchProblem problem) {
    this.problem = problem;
  }

  /**
   * The best plan of layers that were simulated, of those that look best at the tariff's prices.
   */
  Result of(Tariff tariff) {
    ModelHeads heads = problem.heads();
    List<int[]> tuples = problem.times().tuples();
    long[][] parts = new long[tuples.size()][];
    double[] price = new double[tuples.size()];
    for (int t = 0; t < parts.length; t++) {
      parts[t] = problem.layerParts(tuples.get(t));
      for (int k = 0; k < parts[t].length; k++) {
        price[t] += parts[t][k] * tariff.lossPerPart()[k];
      }
    }
    int[][] offered = new int[heads.layers()][];
    long[][] loss = new long[heads.layers()][];
    for (int layer = 0; layer < offered.length; layer++) {
      int at = layer;
      long[] lossOfTuple = tuples.stream().mapToLong(tuple -> lossUnits(at, tuple)).toArray();
      double[] priced = new double[lossOfTuple.length];
      Arrays.setAll(priced, t -> problem.lossUnit().value(lossOfTuple[t]) + price[t]);
      offered[layer] = least(priced);
      loss[layer] = Arrays.stream(offered[layer]).mapToLong(t -> lossOfTuple[t]).toArray();
    }
    KnapsackResult result = Knapsack.solve(new MultipleChoice(loss, budgets(offered, parts)));
    double unit = problem.lossUnit().unit();
    return new Result(
        result.choice().map(chosen -> plan(tuples, offered, chosen)),
        Arrays.stream(result.multipliers()).map(each -> each * unit).toArray());
  }

  /** Where the least values are. */
  private static int[] least(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double most = sorted[Math.min(TUPLES_A_LAYER, sorted.length) - 1];
    IntStream less = IntStream.range(0, values.length).filter(at -> values[at] < most);
    IntStream equal = IntStream.range(0, values.length).filter(at -> values[at] == most);
    return IntStream.concat(less, equal).limit(TUPLES_A_LAYER).toArray();
  }

  private List<CostBudget> budgets(int[][] offered, long[][] parts) {
    long most = MultipleChoice.MAX_TOTAL / offered.length;
    List<CostBudget> budgets = new ArrayList<>();
    for (int k = 0; k < problem.meters().size(); k++) {
      int limit = k;
      long[][] cost =
          Arrays.stream(offered)
              .map(
                  ofLayer ->
                      Arrays.stream(ofLayer)
                          .mapToLong(t -> Math.min(most, parts[t][limit]))
                          .toArray())
              .toArray(long[][]::new);
      budgets.add(new CostBudget(cost, LimitMeter.CAPACITY));
    }
    return budgets;
  }

  private long lossUnits(int layer, int[] tuple) {
    long loss = 0;
    for (int head = 0; head < tuple.length; head++) {
      loss += problem.lossUnits(layer * tuple.length + head, tuple[head]);
    }
    return loss;
  }

  private int[] plan(List<int[]> tuples, int[][] offered, int[] chosen) {
    return IntStream.range(0, chosen.length)
        .flatMap(layer -> Arrays.stream(tuples.get(offered[layer][chosen[layer]])))
        .toArray();
  }
}
