package io.sparseplan.search.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One layer at a time, where a layer may have at most two different candidates and costs depend on
 * the candidate alone.
 *
 * <p>Idea: fix two candidates a and b and how many heads run b. All such tuples cost the same, and
 * the one that loses least gives b to the heads for which it adds least to the loss: sort by that
 * difference, and prefix sums give every count. So the tuples for all pairs and counts hold a best
 * plan of every layer, whatever the budgets. Those that lose and cost at least as much as another
 * go.
 */
final class PairMenu implements Menu {
  /** Layers with more tuples than this, in all, would take too long. */
  private static final long MOST_TUPLES = 1L << 24;

  /** The first so many free heads in the order of the pair run b, the others a. */
  private record Tuple(int a, int b, int count, long loss, long[] costs) {}

  private final SearchProblem problem;
  private final Menu.OfHead loss;
  private final List<long[]> costs;
  private final List<List<int[]>> tuplesOfLayer = new ArrayList<>();

  private PairMenu(SearchProblem problem, Menu.OfHead loss, List<long[]> costs) {
    this.problem = problem;
    this.loss = loss;
    this.costs = costs;
    for (int layer = 0; layer < problem.heads().layers(); layer++) {
      tuplesOfLayer.add(tuples(layer));
    }
  }

  /**
   * The menu, where the rules allow two candidates a layer at most, and nothing but the loss
   * depends on the head too.
   *
   * @param loss the number that depends on the head
   * @param costs the numbers that depend on the candidate alone, as costs[k][candidate]
   */
  static Optional<Menu> of(SearchProblem problem, Menu.OfHead loss, List<long[]> costs) {
    ModelHeads heads = problem.heads();
    long candidates = problem.prices().candidates();
    long tuples = heads.count() * candidates * candidates / 2;
    boolean serves =
        problem.rules().maxPatternsOfLayer() <= 2
            && !problem.rules().limitsChanges()
            && problem.rules().offers().areForAllHeads()
            && tuples <= MOST_TUPLES;
    return serves ? Optional.of(new PairMenu(problem, loss, costs)) : Optional.empty();
  }

  @Override
  public long[][] sums(OfHead values) {
    long[][] sums = new long[tuplesOfLayer.size()][];
    for (int layer = 0; layer < sums.length; layer++) {
      int first = layer * problem.heads().inLayer();
      sums[layer] =
          tuplesOfLayer.get(layer).stream()
              .mapToLong(
                  tuple ->
                      IntStream.range(0, tuple.length)
                          .mapToLong(head -> values.of(first + head, tuple[head]))
                          .sum())
              .toArray();
    }
    return sums;
  }

  @Override
  public int[] choice(int[] chosen) {
    return IntStream.range(0, chosen.length)
        .flatMap(layer -> Arrays.stream(tuplesOfLayer.get(layer).get(chosen[layer])))
        .toArray();
  }

  private List<int[]> tuples(int layer) {
    int candidates = problem.prices().candidates();
    List<Tuple> all = new ArrayList<>();
    for (int a = 0; a < candidates; a++) {
      if (problem.rules().maxPatternsOfLayer() == 1) {
        addCounts(layer, a, a, all);
      }
      for (int b = a + 1; b < candidates && problem.rules().maxPatternsOfLayer() == 2; b++) {
        addCounts(layer, a, b, all);
      }
    }
    if (candidates == 1) {
      addCounts(layer, 0, 0, all);
    }
    return undominated(all).stream().map(tuple -> tuple(layer, tuple)).toList();
  }

  /** The tuples of a pair, unless pins of the layer are for other candidates. */
  private void addCounts(int layer, int a, int b, List<Tuple> all) {
    int[] start = withPins(layer, a);
    for (int head : start) {
      if (head != a && head != b) {
        return;
      }
    }
    int[] order = order(layer, a, b);
    int first = layer * start.length;
    long lost = 0;
    long[] cost = new long[costs.size()];
    for (int head = 0; head < start.length; head++) {
      lost += loss.of(first + head, start[head]);
      for (int k = 0; k < cost.length; k++) {
        cost[k] += costs.get(k)[start[head]];
      }
    }
    all.add(new Tuple(a, b, 0, lost, cost));
    for (int count = 1; count <= order.length && a != b; count++) {
      int head = order[count - 1];
      lost += loss.of(first + head, b) - loss.of(first + head, a);
      cost = cost.clone();
      for (int k = 0; k < cost.length; k++) {
        cost[k] += costs.get(k)[b] - costs.get(k)[a];
      }
      all.add(new Tuple(a, b, count, lost, cost));
    }
  }

  private int[] withPins(int layer, int candidate) {
    int[] tuple = problem.heads().ofLayer(problem.rules().pinned(), layer);
    for (int head = 0; head < tuple.length; head++) {
      tuple[head] = tuple[head] == ChoiceRules.FREE ? candidate : tuple[head];
    }
    return tuple;
  }

  /** The free heads, first the one for which b adds least to the loss of a. */
  private int[] order(int layer, int a, int b) {
    int inLayer = problem.heads().inLayer();
    int first = layer * inLayer;
    return IntStream.range(0, inLayer)
        .filter(head -> !problem.rules().isPinned(first + head))
        .boxed()
        .sorted(
            Comparator.comparingLong(head -> loss.of(first + head, b) - loss.of(first + head, a)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private int[] tuple(int layer, Tuple found) {
    int[] tuple = withPins(layer, found.a());
    int[] order = order(layer, found.a(), found.b());
    for (int place = 0; place < found.count(); place++) {
      tuple[order[place]] = found.b();
    }
    return tuple;
  }

  private static List<Tuple> undominated(List<Tuple> all) {
    all.sort(Comparator.comparingLong(Tuple::loss).thenComparingLong(tuple -> sum(tuple.costs())));
    List<Tuple> kept = new ArrayList<>();
    for (Tuple tuple : all) {
      if (kept.reversed().stream().noneMatch(other -> costsNoMore(other, tuple))) {
        kept.add(tuple);
      }
    }
    return kept;
  }

  private static long sum(long[] costs) {
    return Arrays.stream(costs).sum();
  }

  private static boolean costsNoMore(Tuple a, Tuple b) {
    for (int k = 0; k < a.costs().length; k++) {
      if (a.costs()[k] > b.costs()[k]) {
        return false;
      }
    }
    return true;
  }
}
