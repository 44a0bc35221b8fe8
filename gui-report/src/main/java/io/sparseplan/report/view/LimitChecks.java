package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.util.List;
import java.util.OptionalDouble;

/** The limits of a plan's goal, held against its prediction. */
final class LimitChecks {
  /** Ratios that differ by less are equal: the search rounds too, to about a billionth. */
  private static final double ROUNDING = 1e-8;

  private LimitChecks() {}

  static List<LimitCheck> of(Plan plan) {
    Prediction predicted = plan.predicted();
    String dense = NumberText.dense(predicted.time().dense().getFirst().kernel());
    return plan.goal().limits().stream()
        .map(
            limit ->
                switch (limit) {
                  case Limit.MaxTime(double ratio) ->
                      check(
                          "attention time ÷ " + dense + ", all lengths",
                          ratio,
                          OptionalDouble.of(predicted.time().ratio()),
                          Basis.ESTIMATED);
                  case Limit.MaxTimeAt(var length, double ratio) ->
                      check(
                          "attention time ÷ %s at %s tokens"
                              .formatted(dense, NumberText.count(length.count())),
                          ratio,
                          predicted.byLength().stream()
                              .filter(at -> at.length().equals(length))
                              .mapToDouble(at -> at.time().ratio())
                              .findFirst(),
                          Basis.ESTIMATED);
                  case Limit.MaxDensity(double ratio) ->
                      check(
                          "density, mean over heads and lengths",
                          ratio,
                          OptionalDouble.of(MeanDensity.of(plan)),
                          Basis.COUNTED);
                })
        .toList();
  }

  private static LimitCheck check(
      String quantity, double limit, OptionalDouble found, Basis basis) {
    boolean kept = found.isPresent() && found.getAsDouble() <= limit * (1 + ROUNDING);
    String foundText =
        found.isPresent() ? NumberText.against(limit, found.getAsDouble()) : "not predicted";
    return new LimitCheck(quantity, "≤ " + NumberText.limit(limit), foundText, basis, kept);
  }
}
