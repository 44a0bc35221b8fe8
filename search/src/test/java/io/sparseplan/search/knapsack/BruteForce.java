package io.sparseplan.search.knapsack;

import java.util.OptionalLong;

/** Tries every choice. */
final class BruteForce {
  private BruteForce() {}

  /** The least loss within the capacities. */
  static OptionalLong leastLoss(MultipleChoice problem) {
    int[] choice = new int[problem.heads()];
    OptionalLong least = OptionalLong.empty();
    do {
      if (problem.fits(choice)) {
        long loss = problem.lossOf(choice);
        least = OptionalLong.of(Math.min(least.orElse(Long.MAX_VALUE), loss));
      }
    } while (advance(problem, choice));
    return least;
  }

  private static boolean advance(MultipleChoice problem, int[] choice) {
    for (int head = 0; head < choice.length; head++) {
      if (++choice[head] < problem.options(head)) {
        return true;
      }
      choice[head] = 0;
    }
    return false;
  }
}
