package io.sparseplan.search.knapsack;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.search.knapsack.CpSat.Verdict;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
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
      Double.parseDouble(System.getProperty("sparseplan.referee.seconds", "30"));

  @Test
  void fiveInstancesHaveTheOptimumOfCpSat() {
    for (long seed : new long[] {1, 2, 3, 4, 5}) {
      Verdict verdict = requireAgrees(seed, RandomKnapsack.forReferee(seed, 128));
      if (verdict instanceof Verdict.Between between) {
        assertThat(between.isProven()).isTrue();
      }
      assertThat(verdict).isNotInstanceOf(Verdict.Unknown.class);
    }
  }

  /**
   * Run by hand: {@code mvn -pl search -am test -Dtest=CpSatTest -DexcludedGroups= -Dgroups=by-hand
   * -Dsurefire.failIfNoSpecifiedTests=false}; each instance gives CP-SAT thirty seconds, or {@code
   * -Dsparseplan.referee.seconds}. Where that is not enough to prove the optimum, ours must lie
   * between its bound and the best choice that it found.
   */
  @Test
  @Tag("by-hand")
  void fiftyInstancesOfUpTo1024HeadsAgreeWithCpSatInATenthOfASecondEach() {
    double most = 0;
    int proven = 0;
    for (long seed = 1; seed <= INSTANCES; seed++) {
      MultipleChoice problem = RandomKnapsack.forReferee(seed, 1024);
      double took =
          DoubleStream.generate(() -> millis(() -> Knapsack.solve(problem)))
              .limit(RUNS)
              .min()
              .orElseThrow();
      long before = System.nanoTime();
      Verdict verdict = requireAgrees(seed, problem);
      System.out.printf(
          Locale.ROOT,
          "%2d: %4d heads, %2d options: %6.1f ms, CP-SAT %8.1f ms, %s%n",
          seed,
          problem.heads(),
          problem.options(0),
          took,
          (System.nanoTime() - before) / 1e6,
          verdict);
      proven += verdict instanceof Verdict.Between between && between.isProven() ? 1 : 0;
      // The first instances are solved by code that is not compiled yet.
      most = seed > WARM_UP ? Math.max(most, took) : most;
    }
    System.out.printf(Locale.ROOT, "CP-SAT proved %d of %d%n", proven, INSTANCES);
    assertThat(most).isLessThan(MOST_MILLIS);
  }

  /** CPU time of one run, on one thread: what else the machine does should not count. */
  private static double millis(Runnable solve) {
    long before = THREADS.getCurrentThreadCpuTime();
    solve.run();
    return (THREADS.getCurrentThreadCpuTime() - before) / 1e6;
  }

  private static Verdict requireAgrees(long seed, MultipleChoice problem) {
    KnapsackResult ours = Knapsack.solve(problem);
    Verdict verdict = CpSat.leastLoss(problem, REFEREE_SECONDS);
    ours.choice()
        .ifPresent(
            choice -> {
              assertThat(problem.fits(choice)).isTrue();
              assertThat(ours.bound()).as("seed %d", seed).isEqualTo(problem.lossOf(choice));
            });
    switch (verdict) {
      case Verdict.Infeasible() -> assertThat(ours.choice()).as("seed %d", seed).isEmpty();
      case Verdict.Between(long bound, long incumbent) -> {
        assertThat(ours.choice()).as("seed %d", seed).isPresent();
        assertThat(ours.bound()).as("seed %d", seed).isBetween(bound, incumbent);
      }
      case Verdict.Unknown() -> {}
    }
    return verdict;
  }
}
