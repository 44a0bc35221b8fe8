package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.BitSet;
import java.util.List;

/**
 * For a range of a head's options: a candidate that is never slower than any of them, and otherwise
 * as much like them as there is one.
 */
final class FastestOf {
  /** Where no candidate is never slower than all of the range. */
  static final int NONE = -1;

  private final int[][] candidateOfRange;

  /** The options of one head, cheapest first. */
  FastestOf(SearchProblem problem, List<Integer> options) {
    int candidates = problem.prices().candidates();
    candidateOfRange = new int[options.size()][options.size()];
    for (int low = 0; low < options.size(); low++) {
      var fastest = new BitSet(candidates);
      options.forEach(fastest::set);
      for (int candidate = 0; candidate < candidates; candidate++) {
        fastest.set(
            candidate, fastest.get(candidate) || problem.rules().offers().isFixed(candidate));
      }
      for (int high = low; high < options.size(); high++) {
        int option = options.get(high);
        fastest.stream()
            .filter(candidate -> !problem.prices().neverSlower(candidate, option))
            .forEach(fastest::clear);
        candidateOfRange[low][high] =
            fastest.stream()
                .reduce((a, b) -> problem.workMicros(b) > problem.workMicros(a) ? b : a)
                .orElse(NONE);
      }
    }
  }

  /** A candidate that is never slower than the options from low to high, both included. */
  int of(int low, int high) {
    return candidateOfRange[low][high];
  }
}
