package io.sparseplan.search;

import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The plans in which every head runs the same candidate, and what they say about the goal. */
final class UniformPlans {
  /** The candidate that every profile has first. */
  static final int DENSE = 0;

  private final SearchProblem problem;
  private final long[][] parts;

  UniformPlans(SearchProblem problem) {
    this.problem = problem;
    this.parts =
        IntStream.range(0, problem.prices().candidates())
            .mapToObj(candidate -> problem.parts(problem.uniform(candidate)))
            .toArray(long[][]::new);
  }

  /** The candidate other than dense with the least loss of those that keep to the goal. */
  Optional<Integer> bestSparse() {
    return Optional.of(nearest(sparse())).filter(this::keepsLimits);
  }

  /** The candidate whose plan keeps to the goal with the least loss, or breaks it the least. */
  int nearest() {
    return nearest(IntStream.range(0, parts.length));
  }

  private int nearest(IntStream candidates) {
    return candidates
        .boxed()
        .min(Comparator.comparing(candidate -> problem.valueOf(problem.uniform(candidate))))
        .orElseThrow();
  }

  /** Whether every head can run dense, and no head has anything that loses less. */
  boolean denseIsBest() {
    boolean nothingLosesLess =
        IntStream.range(0, problem.heads().count())
            .allMatch(
                place ->
                    IntStream.range(0, parts.length)
                        .noneMatch(
                            candidate ->
                                problem.losses().mean(place, candidate)
                                    < problem.losses().mean(place, DENSE)));
    return nothingLosesLess && keepsLimits(DENSE);
  }

  /**
   * Refuses a goal with a limit that every plan is proven to break, as even a plan of the fastest
   * candidate does. Where nothing is proven, the search has to tell.
   *
   * @throws NoFeasiblePlanException naming the limit and what can be reached
   */
  void requireReachable() {
    IntStream.range(0, parts.length)
        .filter(this::isFastest)
        .findFirst()
        .ifPresent(
            fastest -> {
              long[] least = leastParts(fastest);
              for (int k = 0; k < least.length; k++) {
                if (least[k] > LimitMeter.CAPACITY) {
                  throw broken(problem.meters().get(k), parts[fastest][k], "the fastest candidate");
                }
              }
            });
  }

  private boolean isFastest(int candidate) {
    return IntStream.range(0, parts.length)
        .allMatch(other -> problem.prices().neverSlower(candidate, other));
  }

  /** What every plan uses up at least, given a candidate that is never slower than any other. */
  private long[] leastParts(int fastest) {
    int[] tuple = problem.heads().ofLayer(problem.uniform(fastest), 0);
    double[] micros = problem.leastTimes().micros(tuple);
    return problem.meters().stream()
        .mapToLong(meter -> problem.heads().layers() * (meter.layerParts(micros, tuple) - 1))
        .toArray();
  }

  /** The refusal of a goal that no single sparse candidate keeps to. */
  NoFeasiblePlanException noSparseKeepsLimits() {
    return brokenBy(parts[nearest(sparse())], "the nearest candidate");
  }

  /** The refusal of a goal that no plan keeps to, as this one, the nearest, does not. */
  NoFeasiblePlanException brokenBy(int[] nearest) {
    return brokenBy(problem.parts(nearest), "the nearest plan that was found");
  }

  private NoFeasiblePlanException brokenBy(long[] used, String by) {
    List<LimitMeter> meters = problem.meters();
    int worst =
        IntStream.range(0, used.length).reduce((a, b) -> used[b] > used[a] ? b : a).orElseThrow();
    return broken(meters.get(worst), used[worst], by);
  }

  private IntStream sparse() {
    return IntStream.range(DENSE + 1, parts.length);
  }

  private boolean keepsLimits(int candidate) {
    return problem.valueOf(problem.uniform(candidate)).keepsLimits();
  }

  private static NoFeasiblePlanException broken(LimitMeter meter, long used, String by) {
    double least = Math.ceil(meter.ratio(used) * 1e4) / 1e4;
    String what =
        switch (meter.limit()) {
          case Limit.MaxTime limit -> "attention time of the workload";
          case Limit.MaxTimeAt limit -> "attention time at length %s".formatted(limit.length());
          case Limit.MaxDensity limit -> "density";
        };
    return new NoFeasiblePlanException(
        String.format(
            Locale.ROOT,
            "No plan keeps to the goal: the %s may be %s of dense, and is %.4f with %s.",
            what,
            meter.limit().ratio(),
            least,
            by),
        String.format(
            Locale.ROOT,
            "raise that limit to at least %.4f, or profile with shorter windows.",
            least));
  }
}
