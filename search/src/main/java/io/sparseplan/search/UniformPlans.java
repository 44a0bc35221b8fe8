package io.sparseplan.search;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.Offers;
import io.sparseplan.search.problem.SearchProblem;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/** The plans in which every head runs the same candidate, and what they say about the goal. */
final class UniformPlans {
  /** The candidate that every profile has first. */
  static final int DENSE = 0;

  private static final int NO_LIMIT = -1;
  private static final MathContext UPWARDS = new MathContext(4, RoundingMode.UP);

  private final SearchProblem problem;
  private final long[][] parts;

  UniformPlans(SearchProblem problem) {
    this.problem = problem;
    this.parts =
        IntStream.range(0, candidates(problem))
            .mapToObj(candidate -> problem.parts(problem.uniform(candidate)))
            .toArray(long[][]::new);
  }

  private static int candidates(SearchProblem problem) {
    Offers offers = problem.rules().offers();
    return IntStream.range(0, problem.prices().candidates())
            .map(offers::candidate)
            .max()
            .orElseThrow()
        + 1;
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

  /** Whether loss is to be least, every head can run dense, and none has what loses less. */
  boolean denseIsBest() {
    int[] dense = problem.uniform(DENSE);
    boolean nothingLosesLess =
        IntStream.range(0, problem.heads().count())
            .allMatch(
                place ->
                    problem.options().of(place).stream()
                        .noneMatch(candidate -> problem.losesLess(place, candidate, dense[place])));
    return problem.aim() instanceof Aim.LeastLoss
        && !problem.rules().limitsChanges()
        && nothingLosesLess
        && keepsLimits(DENSE);
  }

  /**
   * Refuses a goal with a limit that every plan is proven to break, as even a plan of the fastest
   * candidate does, or a loss that is less than every plan's. Where nothing is proven, the search
   * has to tell.
   *
   * @throws NoFeasiblePlanException naming the limit and what can be reached
   */
  void requireReachable() {
    double leastLoss = leastLoss();
    if (leastLoss > problem.mostLoss()) {
      throw brokenLoss(leastLoss, "every head's best candidate");
    }
    IntStream.range(0, parts.length)
        .filter(this::isFastest)
        .findFirst()
        .ifPresent(
            fastest -> {
              long[] least = leastParts(fastest);
              for (int k = 0; k < problem.limits(); k++) {
                if (least[k] > LimitMeter.CAPACITY) {
                  throw broken(problem.meters().get(k), parts[fastest][k], "the fastest candidate");
                }
              }
            });
  }

  private boolean isFastest(int candidate) {
    Offers offers = problem.rules().offers();
    int offer = offers.offer(candidate, 0);
    return offers.isFixed(offer)
        && IntStream.range(0, problem.prices().candidates())
            .allMatch(other -> problem.prices().neverSlower(offer, other));
  }

  /** What every plan uses up at least, given a candidate that is never slower than any other. */
  private long[] leastParts(int fastest) {
    int[] choice = problem.uniform(fastest);
    long[] least = new long[problem.meters().size()];
    for (int layer = 0; layer < problem.heads().layers(); layer++) {
      int[] tuple = problem.heads().ofLayer(choice, layer);
      double[] micros = problem.leastTimes().micros(tuple);
      for (int k = 0; k < least.length; k++) {
        least[k] += problem.meters().get(k).layerParts(micros, tuple) - 1;
      }
    }
    for (int k = 0; k < problem.limits(); k++) {
      if (problem.meters().get(k).isOfCache()) {
        least[k] = leastOfEachHead(k);
      }
    }
    return least;
  }

  /** The fastest candidate need not be the one that holds the fewest keys. */
  private long leastOfEachHead(int limit) {
    return IntStream.range(0, problem.heads().count())
        .mapToLong(
            place ->
                problem.options().of(place).stream()
                    .mapToLong(candidate -> problem.leastParts(limit, candidate))
                    .min()
                    .orElseThrow())
        .sum();
  }

  private double leastLoss() {
    double least = 0;
    for (int head = 0; head < problem.heads().count(); head++) {
      int place = head;
      least +=
          problem.options().of(place).stream()
              .mapToDouble(candidate -> problem.losses().mean(place, candidate))
              .min()
              .orElseThrow();
    }
    return least;
  }

  /** The refusal of a goal that no single sparse candidate keeps to. */
  NoFeasiblePlanException noSparseKeepsLimits() {
    return brokenBy(problem.uniform(nearest(sparse())), "the nearest candidate");
  }

  /** The refusal of a goal that no plan keeps to, as this one, the nearest, does not. */
  NoFeasiblePlanException brokenBy(int[] nearest) {
    return brokenBy(nearest, "the nearest plan that was found");
  }

  private NoFeasiblePlanException brokenBy(int[] choice, String by) {
    if (problem.rules().broken(choice) > 0) {
      return new NoFeasiblePlanException(
          "No plan keeps to the goal and its rules: %s changes too many heads or has too many"
                  .formatted(by)
              + " patterns in a layer.",
          "raise --max-churn or --max-patterns-per-layer, or pin less.");
    }
    long[] used = problem.parts(choice);
    double loss = problem.lossOf(choice);
    int worst =
        IntStream.range(0, problem.limits())
            .reduce((a, b) -> used[b] > used[a] ? b : a)
            .orElse(NO_LIMIT);
    return worst == NO_LIMIT || loss > problem.mostLoss()
        ? brokenLoss(loss, by)
        : broken(problem.meters().get(worst), used[worst], by);
  }

  private NoFeasiblePlanException brokenLoss(double least, String by) {
    double rounded = new BigDecimal(least).round(UPWARDS).doubleValue();
    return new NoFeasiblePlanException(
        "No plan keeps to the goal: the predicted loss may be %s, and is %s with %s."
            .formatted(maxLoss(), rounded, by),
        "raise --max-loss to at least %s, or give the other limits more room.".formatted(rounded));
  }

  private double maxLoss() {
    return switch (problem.aim()) {
      case Aim.LeastLoss() -> Double.POSITIVE_INFINITY;
      case Aim.LeastTime(double maxLoss) -> maxLoss;
    };
  }

  private String otherRemedy() {
    if (problem.rules().limitsChanges()) {
      return "raise --max-churn";
    }
    return IntStream.range(0, problem.heads().count()).anyMatch(problem.rules()::isPinned)
        ? "pin less"
        : "profile with shorter windows";
  }

  private IntStream sparse() {
    return IntStream.range(DENSE + 1, parts.length);
  }

  private boolean keepsLimits(int candidate) {
    return problem.valueOf(problem.uniform(candidate)).keepsLimits();
  }

  private NoFeasiblePlanException broken(LimitMeter meter, long used, String by) {
    LimitText limit = LimitText.of(meter.limit());
    String least = limit.roundedUp(meter.used(used));
    return new NoFeasiblePlanException(
        "No plan keeps to the goal: the %s may be %s, and is %s with %s."
            .formatted(limit.quantity(), limit.text(meter.limit().most()), least, by),
        "raise that limit to at least %s, or %s.".formatted(least, otherRemedy()));
  }
}
