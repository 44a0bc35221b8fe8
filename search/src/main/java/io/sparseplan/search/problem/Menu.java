package io.sparseplan.search.problem;

/** What a knapsack chooses from: in each of its lines one option, a candidate for some heads. */
interface Menu {
  /** A number of one candidate in one head. */
  @FunctionalInterface
  interface OfHead {
    long of(int place, int candidate);
  }

  /** For each line and option the sum over its heads. */
  long[][] sums(OfHead values);

  /** The candidates of all heads, given the option of each line. */
  int[] choice(int[] chosen);
}
