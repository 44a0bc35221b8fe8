package io.sparseplan.benchmarks;

import io.sparseplan.search.FoundPlan;
import io.sparseplan.search.SearchEffort;
import io.sparseplan.search.problem.SearchProblem;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole search, bound included, from a problem of which nothing is remembered. The targets are 3
 * s for the size of a 7B model and 15 s for that of a 70B, on two cores and a heap of 1 GiB; losses
 * and gaps are in {@link SearchTable}.
 *
 * <p>Run from the project's root: {@code bin/benchmark SearchBenchmark}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class SearchBenchmark {
  @Param({"SEVEN_BILLION_ADDITIVE", "SEVEN_BILLION", "SEVENTY_BILLION_ADDITIVE", "SEVENTY_BILLION"})
  public SearchWorkload workload;

  private SearchProblem problem;

  @Setup(Level.Iteration)
  public void forgetTimes() {
    problem = workload.problem();
  }

  @Benchmark
  public FoundPlan search() {
    return workload.search(problem, SearchEffort.DEFAULT);
  }
}
