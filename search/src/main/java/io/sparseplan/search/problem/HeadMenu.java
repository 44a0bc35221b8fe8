package io.sparseplan.search.problem;

import java.util.Arrays;
import java.util.List;

/** One head at a time: each of its options by itself. Knows of no limit on patterns. */
record HeadMenu(SearchProblem problem) implements Menu {
  @Override
  public long[][] sums(OfHead values) {
    long[][] sums = new long[problem.heads().count()][];
    for (int place = 0; place < sums.length; place++) {
      List<Integer> options = problem.options().of(place);
      sums[place] = new long[options.size()];
      for (int option = 0; option < sums[place].length; option++) {
        sums[place][option] = values.of(place, options.get(option));
      }
    }
    return sums;
  }

  @Override
  public int[] choice(int[] chosen) {
    int[] choice = new int[chosen.length];
    Arrays.setAll(choice, place -> problem.options().of(place).get(chosen[place]));
    return choice;
  }
}
