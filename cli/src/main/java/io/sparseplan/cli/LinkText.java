package io.sparseplan.cli;

import io.sparseplan.plans.link.LinkPoint;
import io.sparseplan.plans.link.LossEstimate;
import io.sparseplan.plans.link.LossLink;
import java.util.Locale;
import java.util.Optional;

/** A link, and what it says of a plan, as people read it. */
final class LinkText {
  private LinkText() {}

  static String of(LossLink link) {
    var text = new StringBuilder();
    text.append(
        line(
            "Linked      measured KL(dense‖plan) = %.4g · predicted^%.4g, on %d prompts%s",
            link.law().factor(),
            link.law().exponent(),
            link.measuredOn().members().size(),
            link.heldOut() ? "" : ", some of which were profiled"));
    text.append(
        line(
            "            %8s  %10s  %10s  %10s  %s",
            "time", "predicted", "measured", "by the law", "measured ÷ law of the others"));
    for (int at = 0; at < link.points().size(); at++) {
      LinkPoint point = link.points().get(at);
      text.append(
          line(
              "            %8.4f  %10.6f  %10.6f  %10.6f  %.3f",
              point.timeRatio(),
              point.predicted(),
              point.measured(),
              link.law().at(point.predicted()),
              link.leftOut().get(at)));
    }
    return text.toString();
  }

  /** One line of a summary. */
  static String estimate(LossLink link, double predicted) {
    Optional<LossEstimate> estimate = link.estimate(predicted);
    return estimate
        .map(
            of ->
                line(
                    "Estimate    %.5f nats of KL(dense‖plan) a token when measured, %.5f to %.5f by %d linked plans",
                    of.value(), of.least(), of.most(), link.points().size()))
        .orElseGet(
            () ->
                line(
                    "Estimate    none: the plans that were linked were predicted to lose %.3g to %.3g",
                    link.points().getFirst().predicted(), link.points().getLast().predicted()));
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
