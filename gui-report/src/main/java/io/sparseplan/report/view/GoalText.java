package io.sparseplan.report.view;

import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.DenseEnds;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Rules;
import java.util.ArrayList;

/** What a search was to make least, and by which rules, in words. */
final class GoalText {
  private GoalText() {}

  static String aim(Goal goal) {
    String over =
        switch (goal.lossOver()) {
          case MEAN -> "";
          case WORST_LENGTH -> " of the worst length";
        };
    return switch (goal.aim()) {
      case Aim.LeastLoss() -> "the least loss%s within the limits".formatted(over);
      case Aim.LeastTime(double maxLoss) ->
          "the least time at a predicted loss%s of %s at most"
              .formatted(over, NumberText.significant(maxLoss));
    };
  }

  static String rules(Rules rules) {
    var parts = new ArrayList<String>();
    if (rules.granularity() == HeadAxis.KV_HEAD) {
      parts.add("query heads of a key-value head share a pattern");
    }
    rules.pins().forEach(pin -> parts.add(pin.toString()));
    DenseEnds ends = rules.denseLayers();
    if (!ends.equals(DenseEnds.NONE)) {
      parts.add(
          "dense layers: the first %d, the last %d"
              .formatted(ends.first().layers(), ends.last().layers()));
    }
    rules
        .maxPatternsPerLayer()
        .ifPresent(most -> parts.add("at most %d patterns a layer".formatted(most.ofLayer())));
    rules
        .churn()
        .ifPresent(
            churn ->
                parts.add(
                    "at most %s of the heads differ from plan %s"
                        .formatted(
                            NumberText.percent(churn.maxShare()), churn.baseline().abbreviated())));
    return parts.isEmpty() ? "none" : String.join("; ", parts);
  }
}
