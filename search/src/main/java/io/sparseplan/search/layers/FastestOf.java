package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * For a range of a head's options: a candidate that is never slower than any of them, and otherwise
 * as much like them as there is one.
 */
final class FastestOf {
  /** Where no candidate is never slower than all of the range. */
  static final int NONE = -1;

  private final int[][] candidateOfRange;

  /**
   * @param options of one head, cheapest first
   */
  FastestOf(SearchProblem problem, List<Integer> options) {
    IntPredicate isFixed = problem.rules().offers()::isFixed;
    int[] mostWorkFirst =
        IntStream.concat(
                IntStream.range(0, problem.prices().candidates()).filter(isFixed),
                options.stream().mapToInt(Integer::intValue).filter(isFixed.negate()))
            .boxed()
            .sorted((a, b) -> Double.compare(problem.workMicros(b), problem.workMicros(a)))
            .mapToInt(Integer::intValue)
            .toArray();
    boolean[][] neverSlower = new boolean[options.size()][mostWorkFirst.length];
    for (int rank = 0; rank < neverSlower.length; rank++) {
      for (int at = 0; at < mostWorkFirst.length; at++) {
        neverSlower[rank][at] = problem.prices().neverSlower(mostWorkFirst[at], options.get(rank));
      }
    }
    candidateOfRange = new int[options.size()][options.size()];
    for (int low = 0; low < options.size(); low++) {
      int at = 0;
      for (int high = low; high < options.size(); high++) {
        while (at < mostWorkFirst.length && !ofAll(neverSlower, low, high, at)) {
          at++;
        }
        candidateOfRange[low][high] = at < mostWorkFirst.length ? mostWorkFirst[at] : NONE;
      }
    }
  }

  private static boolean ofAll(boolean[][] neverSlower, int low, int high, int at) {
    for (int rank = high; rank >= low; rank--) {
      if (!neverSlower[rank][at]) {
        return false;
      }
    }
    return true;
  }

  /** A candidate that is never slower than the options from low to high, both included. */
  int of(int low, int high) {
    return candidateOfRange[low][high];
  }
}
