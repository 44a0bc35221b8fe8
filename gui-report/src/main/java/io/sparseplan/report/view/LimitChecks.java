package io.sparseplan.report.view;

import io.sparseplan.costmodel.StepReads;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Prediction.AtLength;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The limits of a plan's goal, that on the loss among them, held against its prediction. */
final class LimitChecks {
  /** Ratios that differ by less are equal: the search rounds too, to about a billionth. */
  private static final double ROUNDING = 1e-8;

  private static final Quantity TIME_RATIO =
      new Quantity(at -> at.time().ratio(), NumberText::ratio, Basis.ESTIMATED);
  private static final Quantity MILLIS =
      new Quantity(at -> at.time().planMillis(), NumberText::significant, Basis.ESTIMATED);
  private static final Quantity LOSS =
      new Quantity(AtLength::loss, NumberText::significant, Basis.ESTIMATED);
  private static final Quantity DENSITY =
      new Quantity(AtLength::density, NumberText::ratio, Basis.COUNTED);
  private static final Quantity CACHE_RATIO =
      new Quantity(at -> at.kvCache().ratio(), NumberText::ratio, Basis.COUNTED);
  private static final Quantity CACHE_BYTES =
      new Quantity(
          at -> at.kvCache().planBytes(),
          bytes -> NumberText.count(Math.round(bytes)),
          Basis.COUNTED);

  private final Plan plan;
  private final Prediction predicted;
  private final String dense;
  private final Quantity reads;

  /** What is limited, at one length, and how it is written. */
  private record Quantity(
      ToDoubleFunction<AtLength> at, DoubleFunction<String> text, Basis basis) {}

  private LimitChecks(Plan plan) {
    this.plan = plan;
    predicted = plan.predicted();
    dense = NumberText.dense(plan);
    reads =
        new Quantity(at -> StepReads.ratioOf(plan, at.length()), NumberText::ratio, Basis.COUNTED);
  }

  static List<LimitCheck> of(Plan plan) {
    var checks = new LimitChecks(plan);
    return Stream.concat(checks.loss(), plan.goal().limits().stream().map(checks::check)).toList();
  }

  private Stream<LimitCheck> loss() {
    return switch (plan.goal().aim()) {
      case Aim.LeastLoss() -> Stream.empty();
      case Aim.LeastTime(double maxLoss) -> {
        double found =
            switch (plan.goal().lossOver()) {
              case MEAN -> predicted.loss();
              case WORST_LENGTH -> plan.solver().loss().found();
            };
        yield Stream.of(
            new LimitCheck(
                switch (plan.goal().lossOver()) {
                  case MEAN -> "predicted loss, mean over lengths";
                  case WORST_LENGTH -> "predicted loss of the worst length";
                },
                "≤ " + NumberText.significant(maxLoss),
                NumberText.significant(found),
                all(LOSS),
                LOSS.basis(),
                keeps(found, maxLoss)));
      }
    };
  }

  private LimitCheck check(Limit limit) {
    return switch (limit) {
      case Limit.MaxTime(double ratio) ->
          check(
              "attention time ÷ " + dense + ", all lengths",
              ratio,
              OptionalDouble.of(predicted.time().ratio()),
              TIME_RATIO);
      case Limit.MaxTimeAt(var length, double ratio) ->
          check(
              "attention time ÷ " + dense + at(length),
              ratio,
              found(length, TIME_RATIO),
              TIME_RATIO);
      case Limit.MaxMillis(double millis) ->
          check(
              "attention time in ms, all lengths",
              millis,
              OptionalDouble.of(predicted.time().planMillis()),
              MILLIS);
      case Limit.MaxMillisAt(var length, double millis) ->
          check("attention time in ms" + at(length), millis, found(length, MILLIS), MILLIS);
      case Limit.MaxKv(var length, double ratio) ->
          check(
              "key-value cache ÷ dense" + at(length),
              ratio,
              found(length, CACHE_RATIO),
              CACHE_RATIO);
      case Limit.MaxKvBytes(var length, long bytes) ->
          check(
              "key-value cache in bytes" + at(length),
              bytes,
              found(length, CACHE_BYTES),
              CACHE_BYTES);
      case Limit.MaxReads(var length, double ratio) ->
          check("reads of a decode step ÷ dense" + at(length), ratio, found(length, reads), reads);
      case Limit.MaxDensity(double ratio) ->
          check(
              "density, mean over heads and lengths",
              ratio,
              OptionalDouble.of(MeanDensity.of(plan)),
              DENSITY);
    };
  }

  private static String at(Tokens length) {
    return " at %s tokens".formatted(NumberText.count(length.count()));
  }

  private OptionalDouble found(Tokens length, Quantity quantity) {
    return predicted.byLength().stream()
        .filter(at -> at.length().equals(length))
        .mapToDouble(quantity.at())
        .findFirst();
  }

  private String all(Quantity quantity) {
    return predicted.byLength().stream()
        .map(
            at ->
                NumberText.count(at.length().count())
                    + ": "
                    + quantity.text().apply(quantity.at().applyAsDouble(at)))
        .collect(Collectors.joining("; "));
  }

  private LimitCheck check(String name, double limit, OptionalDouble found, Quantity quantity) {
    return new LimitCheck(
        name,
        "≤ " + NumberText.limit(limit),
        found.isPresent() ? NumberText.against(limit, found.getAsDouble()) : "not predicted",
        all(quantity),
        quantity.basis(),
        found.isPresent() && keeps(found.getAsDouble(), limit));
  }

  private static boolean keeps(double found, double limit) {
    return found <= limit * (1 + ROUNDING);
  }
}
