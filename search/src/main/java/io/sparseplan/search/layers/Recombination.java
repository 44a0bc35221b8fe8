package io.sparseplan.search.layers;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.search.knapsack.CostBudget;
import io.sparseplan.search.knapsack.Knapsack;
import io.sparseplan.search.knapsack.KnapsackResult;
import io.sparseplan.search.knapsack.MultipleChoice;
import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.LossPrices;
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
   * @param prices for {@link Tariff#of}; empty if no layers were simulated that make a plan
   */
  record Result(Optional<int[]> choice, Optional<double[]> prices) {}

  Recombination(SearchProblem problem) {
    this.problem = problem;
  }

  /**
   * The best plan of layers that were simulated, of those that look best at the tariff's prices.
   */
  Result of(Tariff tariff) {
    ModelHeads heads = problem.heads();
    List<int[]> tuples =
        problem.times().tuples().stream()
            .filter(tuple -> problem.rules().patternsTooMany(tuple) == 0)
            .toList();
    long[][] parts = new long[tuples.size()][];
    double[] price = new double[tuples.size()];
    for (int t = 0; t < parts.length; t++) {
      parts[t] = problem.layerParts(tuples.get(t));
      for (int k = 0; k < parts[t].length; k++) {
        price[t] += parts[t][k] * tariff.lossPerPart()[k];
      }
    }
    List<Offer> layers =
        IntStream.range(0, heads.layers())
            .parallel()
            .mapToObj(layer -> offer(layer, tuples, price, tariff))
            .toList();
    if (layers.stream().anyMatch(offer -> offer.tuples().length == 0)) {
      return new Result(Optional.empty(), Optional.empty());
    }
    long[][] loss = layers.stream().map(Offer::loss).toArray(long[][]::new);
    List<CostBudget> budgets = budgets(layers, parts);
    if (problem.rules().limitsChanges()) {
      budgets.add(new CostBudget(changes(layers, tuples), problem.rules().mostChanges()));
    }
    return switch (problem.aim()) {
      case Aim.LeastLoss() -> {
        KnapsackResult result = Knapsack.solve(new MultipleChoice(loss, budgets));
        yield new Result(
            result.choice().map(chosen -> plan(tuples, layers, chosen)),
            Optional.of(
                Arrays.stream(result.multipliers())
                    .map(each -> each * problem.lossUnit().unit())
                    .toArray()));
      }
      case Aim.LeastTime(double maxLoss) -> {
        long[][] time = parts(layers, parts, problem.limits());
        int ofLoss = budgets.size();
        budgets.add(new CostBudget(loss, problem.mostLossUnits()));
        KnapsackResult result = Knapsack.solve(new MultipleChoice(time, budgets));
        yield new Result(
            result.choice().map(chosen -> plan(tuples, layers, chosen)),
            Optional.of(timeTariff(result.multipliers(), ofLoss)));
      }
    };
  }

  /**
   * What a layer may be made of.
   *
   * @param tuples of those that were simulated
   * @param loss in units, of each of these tuples in the layer
   */
  private record Offer(int[] tuples, long[] loss) {}

  private Offer offer(int layer, List<int[]> tuples, double[] price, Tariff tariff) {
    int[] allowed =
        IntStream.range(0, tuples.size())
            .filter(t -> problem.rules().keepsPins(layer, tuples.get(t)))
            .toArray();
    if (allowed.length == 0) {
      return new Offer(allowed, new long[0]);
    }
    long[] loss = Arrays.stream(allowed).mapToLong(t -> lossUnits(layer, tuples.get(t))).toArray();
    double[] priced = new double[allowed.length];
    for (int i = 0; i < priced.length; i++) {
      priced[i] = problem.lossUnit().value(loss[i]) + price[allowed[i]];
      if (problem.rules().limitsChanges()) {
        priced[i] += tariff.lossPerChange() * changes(layer, tuples.get(allowed[i]));
      }
    }
    int[] offered = least(priced);
    return new Offer(
        Arrays.stream(offered).map(i -> allowed[i]).toArray(),
        Arrays.stream(offered).mapToLong(i -> loss[i]).toArray());
  }

  /** The prices in loss, from multipliers that are prices in parts of the time to be least. */
  private double[] timeTariff(double[] partsPerUnit, int ofLoss) {
    int ofTime = problem.limits();
    double microsPerPart = problem.weight(0) / problem.meters().get(ofTime).partsPerMicro(0);
    double lossPerPart =
        LossPrices.of(problem, partsPerUnit[ofLoss] * microsPerPart).lossPerMicro() * microsPerPart;
    double[] tariff = new double[partsPerUnit.length];
    for (int k = 0; k < ofLoss; k++) {
      tariff[k < ofTime ? k : k + 1] = partsPerUnit[k] * lossPerPart;
    }
    tariff[ofTime] = lossPerPart;
    return tariff;
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

  private List<CostBudget> budgets(List<Offer> layers, long[][] parts) {
    List<CostBudget> budgets = new ArrayList<>();
    for (int k = 0; k < problem.limits(); k++) {
      budgets.add(new CostBudget(parts(layers, parts, k), LimitMeter.CAPACITY));
    }
    return budgets;
  }

  private static long[][] parts(List<Offer> layers, long[][] parts, int meter) {
    long most = MultipleChoice.MAX_TOTAL / layers.size();
    return layers.stream()
        .map(
            offer ->
                Arrays.stream(offer.tuples())
                    .mapToLong(t -> Math.min(most, parts[t][meter]))
                    .toArray())
        .toArray(long[][]::new);
  }

  private long[][] changes(List<Offer> layers, List<int[]> tuples) {
    return IntStream.range(0, layers.size())
        .mapToObj(
            layer ->
                Arrays.stream(layers.get(layer).tuples())
                    .mapToLong(t -> changes(layer, tuples.get(t)))
                    .toArray())
        .toArray(long[][]::new);
  }

  private long changes(int layer, int[] tuple) {
    long changes = 0;
    for (int head = 0; head < tuple.length; head++) {
      changes += problem.rules().changes(layer * tuple.length + head, tuple[head]);
    }
    return changes;
  }

  private long lossUnits(int layer, int[] tuple) {
    long loss = 0;
    for (int head = 0; head < tuple.length; head++) {
      loss += problem.lossUnits(layer * tuple.length + head, tuple[head]);
    }
    return loss;
  }

  private static int[] plan(List<int[]> tuples, List<Offer> layers, int[] chosen) {
    return IntStream.range(0, chosen.length)
        .flatMap(layer -> Arrays.stream(tuples.get(layers.get(layer).tuples()[chosen[layer]])))
        .toArray();
  }
}
