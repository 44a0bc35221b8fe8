package io.sparseplan.search.knapsack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The knapsack with one budget, solved to the end.
 *
 * <p>Idea (Pisinger, European Journal of Operational Research 83, 1995): {@link HullGreedy} gives a
 * choice and the best multiplier, whose {@link Lagrangian} bound is usually a few parts in a
 * thousand below. An option whose reduced cost alone lifts the bound to the choice's loss cannot be
 * part of a better one and goes. The few heads that still have a choice are decided one by one,
 * keeping every undominated sum of cost and loss whose own bound is still below the best choice;
 * each sum is also completed in two ways, which keeps the best choice improving.
 *
 * <p>If there are ever more sums than allowed, those with the highest bounds are dropped, and the
 * least of their bounds limits what is proven.
 */
final class SingleBudget {
  private static final int MOST_SUMS = 1 << 22;

  private final MultipleChoice problem;
  private final CostBudget budget;
  private final int mostSums;

  private Lagrangian prices;
  private int[] best;
  private long bestLoss;
  private long droppedBound = KnapsackResult.IMPOSSIBLE;

  SingleBudget(MultipleChoice problem) {
    this(problem, MOST_SUMS);
  }

  /**
   * @param mostSums that may be kept, over all heads that still have a choice
   */
  SingleBudget(MultipleChoice problem, int mostSums) {
    if (problem.budgets().size() != 1) {
      throw new IllegalArgumentException(
          "The knapsack has %d budgets, not one.".formatted(problem.budgets().size()));
    }
    this.problem = problem;
    this.budget = problem.budgets().getFirst();
    this.mostSums = mostSums;
  }

  KnapsackResult solve() {
    Optional<HullGreedy> greedy = HullGreedy.of(problem.loss(), budget);
    if (greedy.isEmpty()) {
      return KnapsackResult.impossible(1);
    }
    best = greedy.get().choice();
    bestLoss = problem.lossOf(best);
    prices = new Lagrangian(problem, new double[] {greedy.get().multiplier()});
    if (prices.bound() < bestLoss) {
      int[][] options =
          IntStream.range(0, problem.heads()).mapToObj(this::worthTrying).toArray(int[][]::new);
      if (Arrays.stream(options).allMatch(ofHead -> ofHead.length > 0)) {
        decide(options, greedy.get().choice());
      }
    }
    return new KnapsackResult(
        Optional.of(best), Math.min(bestLoss, droppedBound), prices.multipliers());
  }

  private int[] worthTrying(int head) {
    return Arrays.stream(Frontier.undominated(budget.cost()[head], problem.loss()[head]))
        .filter(option -> mayBeat(prices.value() + prices.reducedCost(head, option)))
        .toArray();
  }

  /** Whether something with this lower bound may still lose less than the best choice. */
  private boolean mayBeat(double lowerBound) {
    return lowerBound - 2 * prices.margin() <= bestLoss - 1;
  }

  private void decide(int[][] options, int[] greedy) {
    // Heads without a choice are one sum before all others; of the rest the most ambiguous come
    // first: what comes later has hardly anything left to try.
    int[] order =
        IntStream.range(0, options.length)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(head -> Math.min(2, options[head].length))
                    .thenComparingDouble(head -> secondReducedCost(head, options[head])))
            .mapToInt(Integer::intValue)
            .toArray();
    int settled = (int) Arrays.stream(options).filter(ofHead -> ofHead.length == 1).count();
    var rest = new Completions(problem.loss(), budget, prices, order, options, greedy);
    int mostSumsOfStage = Math.max(1, mostSums / Math.max(1, order.length - settled));
    List<PartialSums> stages = new ArrayList<>();
    PartialSums sums = sumOf(Arrays.copyOf(order, settled), options);
    stages.add(sums);
    improve(stages, rest, order, settled, options);
    for (int stage = settled; stage < order.length && sums.size() > 0; stage++) {
      int head = order[stage];
      int after = stage + 1;
      PartialSums next = PartialSums.none();
      for (int option : options[head]) {
        PartialSums added =
            sums.plus(
                option,
                budget.cost()[head][option],
                problem.loss()[head][option],
                (cost, loss) ->
                    cost + rest.leastCost(after) <= budget.capacity()
                        && mayBeat(rest.lowerBound(after, cost, loss)));
        next = next.merge(added);
      }
      sums = limited(next, mostSumsOfStage, rest, after).trimmed();
      stages.add(sums);
      improve(stages, rest, order, settled, options);
    }
  }

  /** Of heads that have one option each. */
  private PartialSums sumOf(int[] heads, int[][] options) {
    long cost = 0;
    long loss = 0;
    for (int head : heads) {
      cost += budget.cost()[head][options[head][0]];
      loss += problem.loss()[head][options[head][0]];
    }
    return PartialSums.start(cost, loss);
  }

  private double secondReducedCost(int head, int[] options) {
    return Arrays.stream(options)
        .mapToDouble(option -> prices.reducedCost(head, option))
        .sorted()
        .skip(1)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private PartialSums limited(PartialSums sums, int most, Completions rest, int after) {
    if (sums.size() <= most) {
      return sums;
    }
    double[] bounds = new double[sums.size()];
    for (int entry = 0; entry < bounds.length; entry++) {
      bounds[entry] = rest.lowerBound(after, sums.cost(entry), sums.loss(entry));
    }
    double[] sorted = bounds.clone();
    Arrays.sort(sorted);
    double firstDropped = sorted[most];
    boolean[] kept = new boolean[bounds.length];
    for (int entry = 0; entry < bounds.length; entry++) {
      kept[entry] = bounds[entry] < firstDropped;
    }
    long proven = (long) Math.ceil(firstDropped - 2 * prices.margin());
    droppedBound = Math.min(droppedBound, Math.max(prices.bound(), proven));
    return sums.only(kept);
  }

  /**
   * @param stages the sum of the settled heads, then those after each further head of the order
   */
  private void improve(
      List<PartialSums> stages, Completions rest, int[] order, int settled, int[][] options) {
    PartialSums sums = stages.getLast();
    int decided = settled + stages.size() - 1;
    for (int way = 0; way < Completions.WAYS; way++) {
      long restCost = rest.cost(way, decided);
      long restLoss = rest.loss(way, decided);
      for (int entry = 0; entry < sums.size(); entry++) {
        if (sums.cost(entry) + restCost <= budget.capacity()
            && sums.loss(entry) + restLoss < bestLoss) {
          bestLoss = sums.loss(entry) + restLoss;
          best = rest.choice(way);
          for (int at = 0; at < settled; at++) {
            best[order[at]] = options[order[at]][0];
          }
          int from = entry;
          for (int stage = stages.size() - 1; stage > 0; stage--) {
            best[order[settled + stage - 1]] = stages.get(stage).option(from);
            from = stages.get(stage).parent(from);
          }
        }
      }
    }
  }
}
