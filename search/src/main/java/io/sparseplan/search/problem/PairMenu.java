package io.sparseplan.search.problem;

import io.sparseplan.search.problem.PairCounts.Counted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.IntStream;

/**
 * One layer at a time, where a layer may have at most two different candidates, and there is one
 * cost, which depends on the candidate alone.
 *
 * <p>Idea: fix two candidates a and b and how many heads run b. All such tuples cost the same, and
 * the one that loses least gives b to the heads for which it adds least to the loss ({@link
 * PairCounts}). So the tuples for all pairs and counts hold a best plan of every layer, whatever
 * the budget. Those that lose and cost at least as much as another go: most of them at once, as
 * their loss is above the least of all that are cheaper by a bucket of the cost's range.
 */
final class PairMenu implements Menu {
  private static final int BUCKETS = 1 << 14;

  private final SearchProblem problem;
  private final PairCounts pairs;
  private final List<List<int[]>> tuplesOfLayer;
  private final long leastCost;
  private final double bucketsPerCost;

  /**
   * @param loss the number that depends on the head
   * @param cost of each candidate
   */
  PairMenu(SearchProblem problem, Menu.OfHead loss, long[] cost) {
    this.problem = problem;
    this.pairs = new PairCounts(problem, loss, cost);
    LongSummaryStatistics ofHead = Arrays.stream(cost).summaryStatistics();
    this.leastCost = problem.heads().inLayer() * ofHead.getMin();
    long mostCost = problem.heads().inLayer() * ofHead.getMax();
    this.bucketsPerCost = (BUCKETS - 1) / Math.max(1.0, mostCost - leastCost);
    this.tuplesOfLayer =
        IntStream.range(0, problem.heads().layers()).parallel().mapToObj(this::tuples).toList();
  }

  /** Whether the rules allow two candidates a layer at most, of all heads, and limit no changes. */
  static boolean serves(SearchProblem problem) {
    return problem.rules().maxPatternsOfLayer() <= 2
        && !problem.rules().limitsChanges()
        && problem.rules().offers().areForAllHeads();
  }

  @Override
  public long[][] sums(OfHead values) {
    return IntStream.range(0, tuplesOfLayer.size())
        .parallel()
        .mapToObj(
            layer ->
                tuplesOfLayer.get(layer).stream()
                    .mapToLong(tuple -> sum(layer, tuple, values))
                    .toArray())
        .toArray(long[][]::new);
  }

  private long sum(int layer, int[] tuple, OfHead values) {
    long sum = 0;
    for (int head = 0; head < tuple.length; head++) {
      sum += values.of(layer * tuple.length + head, tuple[head]);
    }
    return sum;
  }

  @Override
  public int[] choice(int[] chosen) {
    return IntStream.range(0, chosen.length)
        .flatMap(layer -> Arrays.stream(tuplesOfLayer.get(layer).get(chosen[layer])))
        .toArray();
  }

  private List<int[]> tuples(int layer) {
    long[] leastLoss = new long[BUCKETS];
    Arrays.fill(leastLoss, Long.MAX_VALUE);
    pairs.forEach(
        layer,
        (a, b, count, loss, cost) ->
            leastLoss[bucket(cost)] = Math.min(leastLoss[bucket(cost)], loss));
    long[] leastOfCheaper = new long[BUCKETS];
    long least = Long.MAX_VALUE;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      leastOfCheaper[bucket] = least;
      least = Math.min(least, leastLoss[bucket]);
    }
    List<Counted> kept = new ArrayList<>();
    pairs.forEach(
        layer,
        (a, b, count, loss, cost) -> {
          if (loss < leastOfCheaper[bucket(cost)]) {
            kept.add(new Counted(a, b, count, loss, cost));
          }
        });
    return undominated(kept).stream().map(each -> pairs.tuple(layer, each)).toList();
  }

  private int bucket(long cost) {
    return (int) ((cost - leastCost) * bucketsPerCost);
  }

  private static List<Counted> undominated(List<Counted> tuples) {
    tuples.sort(Comparator.comparingLong(Counted::cost).thenComparingLong(Counted::loss));
    List<Counted> kept = new ArrayList<>();
    for (Counted tuple : tuples) {
      if (kept.isEmpty() || tuple.loss() < kept.getLast().loss()) {
        kept.add(tuple);
      }
    }
    return kept;
  }
}
