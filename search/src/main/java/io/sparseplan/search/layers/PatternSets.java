package io.sparseplan.search.layers;

import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sets of candidates, such that every tuple that a layer may have is of one of them: all sets of as
 * many as a layer may have, or where these are too many, or there is no limit, the set of all.
 */
final class PatternSets {
  private static final int MOST_SETS = 5000;

  private PatternSets() {}

  /** The sets, each in ascending order. */
  static List<int[]> of(SearchProblem problem) {
    Offers offers = problem.rules().offers();
    int all = problem.prices().candidates();
    int candidates = IntStream.range(0, all).map(offers::candidate).max().orElseThrow() + 1;
    int size = Math.min(candidates, problem.rules().maxPatternsOfLayer());
    double count = 1;
    for (int i = 0; i < size; i++) {
      count = count * (candidates - i) / (i + 1);
    }
    List<int[]> sets = new ArrayList<>();
    add(new int[count > MOST_SETS ? candidates : size], 0, 0, candidates, sets);
    return sets.stream().map(set -> offersOf(set, offers, all)).toList();
  }

  /** What the search calls the candidates of the profile. */
  private static int[] offersOf(int[] candidates, Offers offers, int all) {
    return IntStream.range(0, all)
        .filter(offer -> Arrays.binarySearch(candidates, offers.candidate(offer)) >= 0)
        .toArray();
  }

  private static void add(int[] chosen, int count, int next, int candidates, List<int[]> sets) {
    if (count == chosen.length) {
      sets.add(chosen.clone());
      return;
    }
    int missing = chosen.length - count;
    for (int candidate = next; candidate <= candidates - missing; candidate++) {
      chosen[count] = candidate;
      add(chosen, count + 1, candidate + 1, candidates, sets);
    }
  }
}
