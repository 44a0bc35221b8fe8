package io.sparseplan.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.sparseplan.search.FoundPlan;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.problem.SearchProblem;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints the table of docs/search.md: time, loss, bound and gap of each {@link SearchWorkload},
 * with and without OptaPlanner's phase. Each is run once, in the JVM as it is after the last.
 *
 * <p>Run from the project's root: {@code bin/benchmark --main SearchTable [WORKLOAD...]}
 */
public final class SearchTable {
  private SearchTable() {}

  public static void main(String[] arguments) {
    List<SearchWorkload> workloads =
        arguments.length == 0
            ? List.of(SearchWorkload.values())
            : Arrays.stream(arguments).map(SearchWorkload::valueOf).toList();
    System.out.println(
        "| workload | OptaPlanner | wall s | CPU s | loss | bound | gap % | scores |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (SearchWorkload workload : workloads) {
      print(workload, "without", SearchEffort.DEFAULT.withoutLocalSearch());
      print(workload, "with", SearchEffort.DEFAULT);
    }
  }

  private static void print(SearchWorkload workload, String optaplanner, SearchEffort effort) {
    SearchProblem problem = workload.problem();
    long cpu = cpuNanos();
    long wall = System.nanoTime();
    FoundPlan found = workload.search(problem, effort);
    double wallSeconds = (System.nanoTime() - wall) / 1e9;
    double cpuSeconds = (cpuNanos() - cpu) / 1e9;
    double loss = problem.losses().total(found.choice());
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f | %.1f | %.6f | %.6f | %.4f | %d |%n",
        workload,
        optaplanner,
        wallSeconds,
        cpuSeconds,
        loss,
        found.lossBound(),
        100 * gap(problem, loss, found.lossBound()),
        found.scoreCalculations());
  }

  private static double gap(SearchProblem problem, double loss, double bound) {
    double cheapest = 0;
    for (int place = 0; place < problem.heads().count(); place++) {
      cheapest += problem.losses().mean(place, problem.options().of(place).getFirst());
    }
    return (loss - bound) / (cheapest - bound);
  }

  /** Of all threads of the JVM. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
