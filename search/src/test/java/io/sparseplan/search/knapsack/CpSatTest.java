package io.sparseplan.search.knapsack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The exact solver against CP-SAT, on instances that are too large to try every choice. */
class CpSatTest {
  private static final int INSTANCES = 50;
  private static final double MOST_MILLIS = 100;

  @Test
  void fiveInstancesHaveTheOptimumOfCpSat() {
    for (long seed : new long[] {1, 2, 3, 4, 5}) {
      requireSameOptimum(seed, RandomKnapsack.forReferee(seed, 128));
    }
  }

  /**
   * Run by hand: {@code mvn -pl search -am test -Dtest=CpSatTest -DexcludedGroups= -Dgroups=by-hand
   * -Dsurefire.failIfNoSpecifiedTests=false}.
   */
  @Test
  @Tag("by-hand")
  void fiftyInstancesOfUpTo1024HeadsHaveTheOptimumOfCpSatInATenthOfASecondEach() {
    List<Double> millis = new ArrayList<>();
    for (long seed = 1; seed <= INSTANCES; seed++) {
      MultipleChoice problem = RandomKnapsack.forReferee(seed, 1024);
      long before = System.nanoTime();
      Knapsack.solve(problem);
      double took = (System.nanoTime() - before) / 1e6;
      before = System.nanoTime();
      requireSameOptimum(seed, problem);
      millis.add(took);
      System.out.printf(
          Locale.ROOT,
          "%2d: %4d heads, %2d options: %6.1f ms, CP-SAT %8.1f ms%n",
          seed,
          problem.heads(),
          problem.options(0),
          took,
          (System.nanoTime() - before) / 1e6);
    }
    // The first instances are solved by code that is not compiled yet.
    assertThat(Collections.max(millis.subList(INSTANCES / 5, INSTANCES))).isLessThan(MOST_MILLIS);
  }

  private static void requireSameOptimum(long seed, MultipleChoice problem) {
    KnapsackResult ours = Knapsack.solve(problem);
    OptionalLong referee = CpSat.leastLoss(problem);
    assertThat(ours.choice().isPresent()).as("seed %d", seed).isEqualTo(referee.isPresent());
    if (referee.isPresent()) {
      int[] choice = ours.choice().orElseThrow();
      assertThat(problem.fits(choice)).isTrue();
      assertThat(problem.lossOf(choice)).as("seed %d", seed).isEqualTo(referee.getAsLong());
      assertThat(ours.bound()).isEqualTo(referee.getAsLong());
    }
  }
}
