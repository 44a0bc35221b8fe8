package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The options of the heads of one layer, as arrays by head and rank.
 *
 * @param candidate the options, cheapest first
 * @param loss their mean losses
 * @param changes heads that change with them against the baseline
 * @param fastest candidates that are never slower than a range of options
 */
record LayerOptions(int[][] candidate, double[][] loss, int[][] changes, FastestOf[] fastest) {
  /** All options of a layer. */
  static LayerOptions of(SearchProblem problem, FastestCandidates fastest, int layer) {
    return of(problem, fastest, layer, candidate -> true);
  }

  /** The options of a layer among some candidates; every head must have one. */
  static LayerOptions of(
      SearchProblem problem, FastestCandidates fastestCandidates, int layer, IntPredicate among) {
    int heads = problem.heads().inLayer();
    int[][] candidate = new int[heads][];
    double[][] loss = new double[heads][];
    int[][] changes = new int[heads][];
    FastestOf[] fastest = new FastestOf[heads];
    for (int head = 0; head < heads; head++) {
      int place = layer * heads + head;
      List<Integer> options = problem.options().of(place).stream().filter(among::test).toList();
      candidate[head] = options.stream().mapToInt(Integer::intValue).toArray();
      loss[head] =
          options.stream().mapToDouble(option -> problem.losses().mean(place, option)).toArray();
      changes[head] =
          options.stream().mapToInt(option -> problem.rules().changes(place, option)).toArray();
      fastest[head] = fastestCandidates.of(options);
    }
    return new LayerOptions(candidate, loss, changes, fastest);
  }

  int heads() {
    return candidate.length;
  }

  /** The last rank of a head. */
  int last(int head) {
    return candidate[head].length - 1;
  }

  /** The loss and the priced changes of a head's option. */
  double lossAndChanges(Tariff tariff, int head, int rank) {
    return loss[head][rank] + tariff.lossPerChange() * changes[head][rank];
  }

  int[] tuple(int[] rank) {
    int[] tuple = new int[rank.length];
    for (int head = 0; head < rank.length; head++) {
      tuple[head] = candidate[head][rank[head]];
    }
    return tuple;
  }
}
