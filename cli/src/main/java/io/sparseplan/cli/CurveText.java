package io.sparseplan.cli;

import io.sparseplan.plans.curve.Curve;
import io.sparseplan.plans.curve.CurvePoint;
import io.sparseplan.plans.plan.Prediction;
import java.util.Locale;

/** A curve as people read it: a line for each plan. */
final class CurveText {
  private CurveText() {}

  static String of(Curve curve) {
    var text = new StringBuilder();
    text.append(
        "Curve       %s for %s on %s, batch %d%n"
            .formatted(
                LossText.unit(curve.calibration().statistic()),
                curve.model().name(),
                curve.device().name(),
                curve.workload().batch()));
    text.append(
        "            %8s  %8s  %10s  %12s  %7s  %7s  %5s%n"
            .formatted("time ≤", "time", "loss", "proven least", "gap %", "density", "dense"));
    for (CurvePoint point : curve.points()) {
      text.append(
          String.format(
              Locale.ROOT,
              "            %8.4f  %8.4f  %10.5f  %12.5f  %7.2f  %7.3f  %5d%n",
              point.maxTime(),
              point.predicted().time().ratio(),
              point.loss().found(),
              point.loss().bound(),
              100 * point.gap(),
              point.predicted().byLength().stream()
                  .mapToDouble(Prediction.AtLength::density)
                  .average()
                  .orElseThrow(),
              point.denseHeads()));
    }
    curve.warnings().forEach(warning -> text.append("Warning     %s%n".formatted(warning)));
    return text.toString();
  }
}
