package io.sparseplan.plans.curve;

import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Bounded;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The plan of least loss for one limit on the time of the workload.
 *
 * @param maxTime the limit, a ratio to the same kernel run dense
 * @param loss of the plan, and the proven least loss of any plan within that limit and the others
 * @param timeMillis of the workload with the plan, and the proven least time of any plan that loses
 *     no more
 * @param gap (loss − bound) ÷ (loss of the cheapest plan − bound), 0 where proven best
 * @param denseHeads heads that stay dense
 * @param plan the plan's file, relative to the directory of the curve's
 */
public record CurvePoint(
    double maxTime,
    Prediction predicted,
    Bounded loss,
    Bounded timeMillis,
    double gap,
    int denseHeads,
    String plan) {
  public CurvePoint {
    if (!(maxTime > 0 && Double.isFinite(maxTime) && gap >= 0 && denseHeads >= 0)) {
      throw new IllegalArgumentException(
          "The maxTime (%s) must be positive, the gap (%s) and denseHeads (%d) not negative."
              .formatted(maxTime, gap, denseHeads));
    }
    Path file = Path.of(plan);
    if (plan.isEmpty()
        || file.isAbsolute()
        || !file.equals(file.normalize())
        || file.startsWith("..")) {
      throw new IllegalArgumentException(
          "The plan (%s) is not a file's path below the curve's directory.".formatted(plan));
    }
  }

  /**
   * @param plan whose goal limits the time of the workload
   * @param file the plan's, relative to the directory of the curve's
   */
  public static CurvePoint of(Plan plan, String file) {
    double maxTime =
        plan.goal().limits().stream()
            .flatMap(limit -> limit instanceof Limit.MaxTime time ? Stream.of(time) : Stream.of())
            .mapToDouble(Limit.MaxTime::ratio)
            .min()
            .orElseThrow(() -> new IllegalArgumentException("The plan's goal limits no time."));
    return new CurvePoint(
        maxTime,
        plan.predicted(),
        plan.solver().loss(),
        plan.solver().timeMillis(),
        plan.solver().gap(),
        (int) plan.heads().stream().filter(head -> head.prefill().equals(new Dense())).count(),
        file);
  }
}
