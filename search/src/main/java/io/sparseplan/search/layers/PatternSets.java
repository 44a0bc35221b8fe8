package io.sparseplan.search.layers;

import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sets of candidates, such that every tuple that a layer may have is of one of them: all sets of as
 * many as a layer may have, or where these are too many, or there is no limit, the set of all.
 */
final class PatternSets {
  private static final int MOST_SETS = 5000;

  private PatternSets() {}

  static List<BitSet> of(SearchProblem problem) {
    Offers offers = problem.rules().offers();
    int all = problem.prices().candidates();
    int candidates = IntStream.range(0, all).map(offers::candidate).max().orElseThrow() + 1;
    int size = Math.min(candidates, problem.rules().maxPatternsOfLayer());
    double count = 1;
    for (int i = 0; i < size; i++) {
      count = count * (candidates - i) / (i + 1);
    }
    List<BitSet> sets = new ArrayList<>();
    if (count > MOST_SETS) {
      size = candidates;
    }
    add(new BitSet(), 0, size, candidates, sets);
    return sets.stream().map(set -> offersOf(set, offers, all)).toList();
  }

  /** What the search calls the candidates of the profile. */
  private static BitSet offersOf(BitSet candidates, Offers offers, int all) {
    return IntStream.range(0, all)
        .filter(offer -> candidates.get(offers.candidate(offer)))
        .collect(BitSet::new, BitSet::set, BitSet::or);
  }

  private static void add(BitSet chosen, int next, int missing, int candidates, List<BitSet> sets) {
    if (missing == 0) {
      sets.add((BitSet) chosen.clone());
      return;
    }
    for (int candidate = next; candidate <= candidates - missing; candidate++) {
      chosen.set(candidate);
      add(chosen, candidate + 1, missing - 1, candidates, sets);
      chosen.clear(candidate);
    }
  }
}
