package io.sparseplan.report.view;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

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
                          at(predicted, length, at -> at.time().ratio()),
                          Basis.ESTIMATED);
                  case Limit.MaxMillis(double millis) ->
                      check(
                          "attention time in ms, all lengths",
                          millis,
                          OptionalDouble.of(predicted.time().planMillis()),
                          Basis.ESTIMATED);
                  case Limit.MaxMillisAt(var length, double millis) ->
                      check(
                          "attention time in ms at %s tokens"
                              .formatted(NumberText.count(length.count())),
                          millis,
                          at(predicted, length, at -> at.time().planMillis()),
                          Basis.ESTIMATED);
                  case Limit.MaxKv(var length, double ratio) ->
                      check(
                          "key-value cache ÷ dense at %s tokens"
                              .formatted(NumberText.count(length.count())),
                          ratio,
                          at(predicted, length, at -> at.kvCache().ratio()),
                          Basis.COUNTED);
                  case Limit.MaxKvBytes(var length, long bytes) ->
                      check(
                          "key-value cache in bytes at %s tokens"
                              .formatted(NumberText.count(length.count())),
                          bytes,
                          at(predicted, length, at -> at.kvCache().planBytes()),
                          Basis.COUNTED);
                  case Limit.MaxDensity(double ratio) ->
                      check(
                          "density, mean over heads and lengths",
                          ratio,
                          OptionalDouble.of(MeanDensity.of(plan)),
                          Basis.COUNTED);
                })
        .toList();
  }

  private static OptionalDouble at(
      Prediction predicted, Tokens length, ToDoubleFunction<Prediction.AtLength> figure) {
    return predicted.byLength().stream()
        .filter(at -> at.length().equals(length))
        .mapToDouble(figure)
        .findFirst();
  }

  private static LimitCheck check(
      String quantity, double limit, OptionalDouble found, Basis basis) {
    boolean kept = found.isPresent() && found.getAsDouble() <= limit * (1 + ROUNDING);
    String foundText =
        found.isPresent() ? NumberText.against(limit, found.getAsDouble()) : "not predicted";
    return new LimitCheck(quantity, "≤ " + NumberText.limit(limit), foundText, basis, kept);
  }
}
