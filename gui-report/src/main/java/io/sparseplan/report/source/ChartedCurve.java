package io.sparseplan.report.source;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.curve.CurvePoint;
import io.sparseplan.plans.plan.Plan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A curve with the plans of its points, in their order.
 *
 * @throws BadInputException if a plan is of another model than the curve, or does not take the time
 *     that the curve says
 */
public record ChartedCurve(Curve curve, List<Plan> plans) {
  public ChartedCurve {
    plans = List.copyOf(plans);
    if (plans.size() != curve.points().size()) {
      throw new IllegalArgumentException(
          "The curve has %d points; there are %d plans."
              .formatted(curve.points().size(), plans.size()));
    }
    for (int at = 0; at < plans.size(); at++) {
      CurvePoint point = curve.points().get(at);
      Plan plan = plans.get(at);
      if (!plan.model().sameWeights(curve.model()) || !plan.predicted().equals(point.predicted())) {
        throw new BadInputException(
            "The plan %s is not the one of the curve's point at %s of dense."
                .formatted(point.plan(), point.maxTime()),
            "search for the curve again: its files belong together.");
      }
    }
  }

  /**
   * Reads a curve and, beside it, its plans.
   *
   * @throws BadInputException if a file is missing or is not what it should be
   */
  public static ChartedCurve read(Path file) {
    Curve curve = Curve.read(file);
    var plans = new ArrayList<Plan>();
    for (CurvePoint point : curve.points()) {
      plans.add(Plan.read(file.resolveSibling(point.plan())));
    }
    return new ChartedCurve(curve, plans);
  }
}
