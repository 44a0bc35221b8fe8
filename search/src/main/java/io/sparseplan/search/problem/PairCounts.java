package io.sparseplan.search.problem;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * For every two candidates a and b of a layer and every number of heads that run b, the tuple that
 * loses least: sort the heads by what b adds to the loss of a, and prefix sums give every count.
 */
final class PairCounts {
  private final SearchProblem problem;
  private final Menu.OfHead loss;
  private final long[] cost;

  /** The first {@code count} free heads in the order of the pair run b, the others a. */
  record Counted(int a, int b, int count, long loss, long cost) {}

  /** Is told of a tuple. */
  @FunctionalInterface
  interface Visitor {
    void at(int a, int b, int count, long loss, long cost);
  }

  /**
   * @param loss the number that depends on the head
   * @param cost of each candidate
   */
  PairCounts(SearchProblem problem, Menu.OfHead loss, long[] cost) {
    this.problem = problem;
    this.loss = loss;
    this.cost = cost;
  }

  /** Visits the tuples of a layer that keep to its pins. */
  void forEach(int layer, Visitor visitor) {
    int heads = problem.heads().inLayer();
    long[][] lossOf = new long[cost.length][heads];
    for (int candidate = 0; candidate < cost.length; candidate++) {
      for (int head = 0; head < heads; head++) {
        lossOf[candidate][head] = loss.of(layer * heads + head, candidate);
      }
    }
    int[] pinned = problem.heads().ofLayer(problem.rules().pinned(), layer);
    boolean alone = problem.rules().maxPatternsOfLayer() == 1 || cost.length == 1;
    long[] added = new long[heads];
    for (int a = 0; a < cost.length; a++) {
      for (int b = alone ? a : a + 1; b < (alone ? a + 1 : cost.length); b++) {
        visitPair(a, b, lossOf, pinned, added, visitor);
      }
    }
  }

  private void visitPair(
      int a, int b, long[][] lossOf, int[] pinned, long[] added, Visitor visitor) {
    long lost = 0;
    long costs = 0;
    int free = 0;
    for (int head = 0; head < pinned.length; head++) {
      int runs = pinned[head] == ChoiceRules.FREE ? a : pinned[head];
      if (runs != a && runs != b) {
        return;
      }
      lost += lossOf[runs][head];
      costs += cost[runs];
      if (pinned[head] == ChoiceRules.FREE) {
        added[free++] = lossOf[b][head] - lossOf[a][head];
      }
    }
    visitor.at(a, b, 0, lost, costs);
    if (a == b) {
      return;
    }
    Arrays.sort(added, 0, free);
    for (int count = 1; count <= free; count++) {
      lost += added[count - 1];
      costs += cost[b] - cost[a];
      visitor.at(a, b, count, lost, costs);
    }
  }

  /** The candidates of the layer's heads. */
  int[] tuple(int layer, Counted counted) {
    int first = layer * problem.heads().inLayer();
    int[] tuple = problem.heads().ofLayer(problem.rules().pinned(), layer);
    int[] free =
        IntStream.range(0, tuple.length)
            .filter(head -> tuple[head] == ChoiceRules.FREE)
            .boxed()
            .sorted(
                Comparator.comparingLong(
                    head ->
                        loss.of(first + head, counted.b()) - loss.of(first + head, counted.a())))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int rank = 0; rank < free.length; rank++) {
      tuple[free[rank]] = rank < counted.count() ? counted.b() : counted.a();
    }
    return tuple;
  }
}
