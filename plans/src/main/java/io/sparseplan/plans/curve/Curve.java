package io.sparseplan.plans.curve;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.plan.Calibration;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.plan.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much loss buys how much time: from the fastest plan to the fastest that loses least, each
 * point with a plan of its own in a file beside this one.
 *
 * @param limits that hold at every point, beside its own on the time
 * @param points by ascending limit on the time; neither loss nor proven loss rises
 */
public record Curve(
    SchemaVersion schemaVersion,
    Tool tool,
    ModelIdentity model,
    Calibration calibration,
    DeviceIdentity device,
    Workload workload,
    List<Limit> limits,
    Rules rules,
    long seed,
    List<String> warnings,
    List<CurvePoint> points,
    Run run) {
  public Curve {
    limits = List.copyOf(limits);
    warnings = List.copyOf(warnings);
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("The curve has no point.");
    }
    for (int at = 1; at < points.size(); at++) {
      requireOrder(points.get(at - 1), points.get(at));
    }
  }

  private static void requireOrder(CurvePoint before, CurvePoint next) {
    if (before.maxTime() >= next.maxTime()) {
      throw new IllegalArgumentException(
          "The points must ascend by maxTime; %s stands before %s."
              .formatted(before.maxTime(), next.maxTime()));
    }
    if (before.loss().found() < next.loss().found()
        || before.loss().bound() < next.loss().bound()) {
      throw new IllegalArgumentException(
          "The loss (%s) or its bound rises from maxTime %s to %s."
              .formatted(next.loss(), before.maxTime(), next.maxTime()));
    }
  }

  /**
   * @param plans for the same request but for the limit on the time, which ascends
   * @param files of the plans, relative to the directory of the curve's
   */
  public static Curve of(List<Plan> plans, List<String> files, Run run) {
    if (plans.size() != files.size()) {
      throw new IllegalArgumentException(
          "There are %d plans and %d files.".formatted(plans.size(), files.size()));
    }
    Plan first = plans.getFirst();
    return new Curve(
        SchemaVersion.CURRENT,
        Tool.THIS,
        first.model(),
        first.calibration(),
        first.device(),
        first.workload(),
        first.goal().limits().stream().filter(limit -> !(limit instanceof Limit.MaxTime)).toList(),
        first.goal().rules(),
        first.solver().seed(),
        first.warnings(),
        IntStream.range(0, plans.size())
            .mapToObj(at -> CurvePoint.of(plans.get(at), files.get(at)))
            .toList(),
        run);
  }

  /**
   * @throws BadInputException if the file is missing or is no curve
   */
  public static Curve read(Path file) {
    return JsonFile.read(file, Curve.class, "curve");
  }

  public void write(Path file) throws IOException {
    JsonFile.write(file, this);
  }
}
