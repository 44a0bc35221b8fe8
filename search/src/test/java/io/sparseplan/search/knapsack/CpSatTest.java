package io.sparseplan.search.knapsack;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The exact solver against CP-SAT, on instances that are too large to try every choice. */
class CpSatTest {
  private static final int INSTANCES = 50;
  private static final int WARM_UP = INSTANCES / 5;
  private static final int RUNS = 3;
  private static final double MOST_MILLIS = 100;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double REFEREE_SECONDS =
      Double.parseDouble(System.getProperty("sparseplan.referee.seconds", "300"));

  @Test
  void fiveInstancesHaveTheOptimumOfCpSat() {
    for (long seed : new long[] {1, 2, 3, 4, 5}) {
      requireEqual(seed, RandomKnapsack.forReferee(seed, 128));
    }
  }

  /**
   * Run by hand: {@code mvn -pl search -am test -Dtest=CpSatTest -DexcludedGroups= -Dgroups=by-hand
   * -Dsurefire.failIfNoSpecifiedTests=false}; CP-SAT has at most five minutes for each instance, or
   * {@code -Dsparseplan.referee.seconds}.
   */
  @Test
  @Tag("by-hand")
  void fiftyInstancesOfUpTo1024HeadsHaveTheOptimumOfCpSatInATenthOfASecondEach() {
    double most = 0;
    for (long seed = 1; seed <= INSTANCES; seed++) {
      MultipleChoice problem = RandomKnapsack.forReferee(seed, 1024);
      double took =
          DoubleStream.generate(() -> millis(() -> Knapsack.solve(problem)))
              .limit(RUNS)
              .min()
              .orElseThrow();
      long before = System.nanoTime();
      OptionalLong least = requireEqual(seed, problem);
      System.out.printf(
          Locale.ROOT,
          "%2d: %4d heads, %2d options: %6.1f ms, CP-SAT %8.1f ms, %s%n",
          seed,
          problem.heads(),
          problem.options(0),
          took,
          (System.nanoTime() - before) / 1e6,
          least.isPresent() ? "least loss " + least.getAsLong() : "nothing fits");
      // The first instances are solved by code that is not compiled yet.
      most = seed > WARM_UP ? Math.max(most, took) : most;
    }
    assertThat(most).isLessThan(MOST_MILLIS);
  }

  /** CPU time of one run, on one thread: what else the machine does should not count. */
  private static double millis(Runnable solve) {
    long before = THREADS.getCurrentThreadCpuTime();
    solve.run();
    return (THREADS.getCurrentThreadCpuTime() - before) / 1e6;
  }

  private static OptionalLong requireEqual(long seed, MultipleChoice problem) {
    KnapsackResult ours = Knapsack.solve(problem);
    OptionalLong least = CpSat.leastLoss(problem, ours.choice(), REFEREE_SECONDS);
    assertThat(ours.choice().isPresent()).as("seed %d", seed).isEqualTo(least.isPresent());
    if (least.isPresent()) {
      int[] choice = ours.choice().orElseThrow();
      assertThat(problem.fits(choice)).isTrue();
      assertThat(problem.lossOf(choice)).as("seed %d", seed).isEqualTo(least.getAsLong());
      assertThat(ours.bound()).as("seed %d", seed).isEqualTo(least.getAsLong());
    }
    return least;
  }
}
