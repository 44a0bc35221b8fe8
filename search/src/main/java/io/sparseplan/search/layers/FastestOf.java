package io.sparseplan.search.layers;

import io.sparseplan.search.problem.SearchProblem;
import java.util.BitSet;
import java.util.List;

/**
 * For a range of a head's options: a candidate that is never slower than any of them, and otherwise
 * as much like them as there is one.
 *
 * <p>Why this bounds a layer's time from below: list scheduling of independent blocks in a fixed
 * order is monotone. Compare two runs of the same order, the second with longer blocks, and sort
 * the times at which slots free. If every time of the first is at most that of the second, it is so
 * after the next block too: each run replaces its least time by that time plus the block, and both
 * replacements and all other times still match in pairs. (Graham's anomalies need blocks that wait
 * for one another.)
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
      fastest.set(0, candidates);
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
