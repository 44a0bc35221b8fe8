package io.sparseplan.report.view;

import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.comparison.Contender;
import io.sparseplan.plans.comparison.ContenderOutcome;
import io.sparseplan.plans.curve.CurvePoint;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.report.source.ChartedCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Places a plan among those of its curve and of its peers. */
final class TradeOff {
  private final Plan plan;
  private final List<ShownCandidate> candidates;
  private final String dense;
  private final List<ShownTradeOff.Point> points = new ArrayList<>();
  private final List<String> withoutPlan = new ArrayList<>();
  private final List<List<String>> baselines = new ArrayList<>();
  private final List<List<String>> curve = new ArrayList<>();
  private List<Pattern> patterns = List.of();

  private TradeOff(Plan plan, List<ShownCandidate> candidates) {
    this.plan = plan;
    this.candidates = candidates;
    dense = NumberText.dense(plan);
  }

  /**
   * @param candidates of the page, for their densities
   */
  static ShownTradeOff of(
      Plan plan,
      List<ShownCandidate> candidates,
      Optional<Comparison> comparison,
      Optional<ChartedCurve> curve) {
    var all = new TradeOff(plan, candidates);
    all.addPlan();
    curve.ifPresent(all::addCurve);
    comparison.ifPresent(all::addBaselines);
    return new ShownTradeOff(
        all.dense,
        all.points,
        all.limits(),
        comparison.isPresent(),
        curve.isPresent(),
        new Table(
            List.of(
                new Table.Column("limit", Basis.GIVEN),
                new Table.Column("÷ " + all.dense, Basis.ESTIMATED),
                new Table.Column("predicted loss", Basis.ESTIMATED),
                new Table.Column("proven least", Basis.PROVEN),
                new Table.Column("gap", Basis.PROVEN),
                new Table.Column("mean density", Basis.COUNTED),
                new Table.Column("dense heads", Basis.COUNTED)),
            all.curve),
        all.withoutPlan,
        new Table(
            List.of(
                new Table.Column("chosen by", Basis.GIVEN),
                new Table.Column("÷ " + all.dense, Basis.ESTIMATED),
                new Table.Column("predicted loss", Basis.ESTIMATED),
                new Table.Column("KL, nats a token", Basis.MEASURED),
                new Table.Column("answers right", Basis.MEASURED)),
            all.baselines),
        all.patterns.stream().map(all::pattern).toList());
  }

  private void addPlan() {
    points.add(
        new ShownTradeOff.Point(
            ShownTradeOff.Kind.PLAN,
            "this plan",
            NumberText.rounded(plan.predicted().time().ratio()),
            NumberText.rounded(plan.predicted().loss()),
            plan.goal().aim() instanceof Aim.LeastLoss
                ? OptionalDouble.of(NumberText.rounded(plan.solver().loss().bound()))
                : OptionalDouble.empty(),
            Optional.empty()));
  }

  private void addCurve(ChartedCurve charted) {
    patterns =
        charted.plans().stream()
            .flatMap(one -> one.heads().stream())
            .map(HeadDecision::prefill)
            .distinct()
            .toList();
    for (int at = 0; at < charted.plans().size(); at++) {
      CurvePoint point = charted.curve().points().get(at);
      curve.add(row(point, charted.plans().get(at)));
      points.add(
          new ShownTradeOff.Point(
              ShownTradeOff.Kind.CURVE,
              "time ≤ " + NumberText.limit(point.maxTime()),
              NumberText.rounded(point.predicted().time().ratio()),
              NumberText.rounded(point.loss().found()),
              OptionalDouble.of(NumberText.rounded(point.loss().bound())),
              Optional.of(curvePlan(point, charted.plans().get(at)))));
    }
  }

  private static List<String> row(CurvePoint point, Plan plan) {
    return List.of(
        "time ≤ " + NumberText.limit(point.maxTime()),
        NumberText.ratio(point.predicted().time().ratio()),
        NumberText.significant(point.loss().found()),
        NumberText.significant(point.loss().bound()),
        NumberText.percent(point.gap()),
        NumberText.ratio(MeanDensity.of(plan)),
        NumberText.count(point.denseHeads()));
  }

  private ShownTradeOff.CurvePlan curvePlan(CurvePoint point, Plan other) {
    var figures = new ArrayList<Figure>();
    Prediction predicted = point.predicted();
    figures.add(
        figure(
            "limit",
            "time ≤ %s of %s".formatted(NumberText.limit(point.maxTime()), dense),
            Basis.GIVEN));
    figures.add(
        figure(
            "attention time",
            "%s of %s: %s"
                .formatted(
                    NumberText.ratio(predicted.time().ratio()),
                    dense,
                    NumberText.speedUp(predicted.time().ratio())),
            Basis.ESTIMATED));
    for (Prediction.AtLength at : predicted.byLength()) {
      figures.add(
          figure(
              "at %s tokens".formatted(NumberText.count(at.length().count())),
              "%s ms, %s of %s"
                  .formatted(
                      NumberText.significant(at.time().planMillis()),
                      NumberText.ratio(at.time().ratio()),
                      dense),
              Basis.ESTIMATED));
    }
    figures.add(
        figure("predicted loss", NumberText.significant(point.loss().found()), Basis.ESTIMATED));
    figures.add(figure("proven least", NumberText.significant(point.loss().bound()), Basis.PROVEN));
    figures.add(figure("gap to the bound", NumberText.percent(point.gap()), Basis.PROVEN));
    figures.add(figure("mean density", NumberText.ratio(MeanDensity.of(other)), Basis.COUNTED));
    figures.add(figure("dense heads", NumberText.count(point.denseHeads()), Basis.COUNTED));
    return new ShownTradeOff.CurvePlan(
        figures,
        other.heads().stream().map(head -> patterns.indexOf(head.prefill())).toList(),
        (int)
            IntStream.range(0, plan.heads().size())
                .filter(
                    place ->
                        !plan.heads()
                            .get(place)
                            .prefill()
                            .equals(other.heads().get(place).prefill()))
                .count());
  }

  private static Figure figure(String label, String value, Basis basis) {
    return new Figure(label, value, "", basis, List.of());
  }

  private ShownTradeOff.CurvePattern pattern(Pattern pattern) {
    String label = pattern.label();
    OptionalDouble density =
        candidates.stream()
            .filter(candidate -> candidate.label().equals(label))
            .map(ShownCandidate::density)
            .findFirst()
            .orElseGet(() -> density(pattern));
    return new ShownTradeOff.CurvePattern(
        label, JsonFile.mapper().valueToTree(pattern).get("kind").asString(), density);
  }

  private OptionalDouble density(Pattern pattern) {
    return switch (pattern) {
      case FixedPattern fixed ->
          OptionalDouble.of(
              NumberText.rounded(
                  new LengthMeans(plan.workload())
                      .of(length -> fixed.on(plan.layout().grid(length)).density())));
      case SelectedPattern _, DecodePattern _ -> OptionalDouble.empty();
    };
  }

  private void addBaselines(Comparison comparison) {
    for (Contender contender : comparison.contenders()) {
      switch (contender.outcome()) {
        case ContenderOutcome.Found(var predicted, var measured, var _) -> {
          points.add(
              new ShownTradeOff.Point(
                  ShownTradeOff.Kind.BASELINE,
                  contender.label(),
                  NumberText.rounded(predicted.time().ratio()),
                  NumberText.rounded(predicted.loss()),
                  OptionalDouble.empty(),
                  Optional.empty()));
          baselines.add(
              List.of(
                  contender.label(),
                  NumberText.ratio(predicted.time().ratio()),
                  NumberText.significant(predicted.loss()),
                  measured.map(Measured::kl).map(NumberText::significant).orElse(Table.NOTHING),
                  measured
                      .filter(figures -> figures.answers() > 0)
                      .map(
                          figures ->
                              "%s of %s"
                                  .formatted(
                                      NumberText.count(figures.answersRight()),
                                      NumberText.count(figures.answers())))
                      .orElse(Table.NOTHING)));
        }
        case ContenderOutcome.NoPlan(String why) -> withoutPlan.add(contender.label() + ": " + why);
      }
    }
  }

  private List<ShownTradeOff.LimitLine> limits() {
    Stream<ShownTradeOff.LimitLine> loss =
        switch (plan.goal().aim()) {
          case Aim.LeastLoss() -> Stream.empty();
          case Aim.LeastTime(double maxLoss) ->
              Stream.of(
                  new ShownTradeOff.LimitLine(
                      "loss ≤ " + NumberText.significant(maxLoss),
                      ShownTradeOff.Axis.LOSS,
                      maxLoss));
        };
    double denseMillis = plan.predicted().time().dense().getFirst().millis();
    Stream<ShownTradeOff.LimitLine> time =
        plan.goal().limits().stream()
            .flatMap(
                limit ->
                    switch (limit) {
                      case Limit.MaxTime(double ratio) ->
                          Stream.of(timeLine(NumberText.limit(ratio), ratio));
                      case Limit.MaxMillis(double millis) ->
                          Stream.of(
                              timeLine(NumberText.plain(millis) + " ms", millis / denseMillis));
                      case Limit.MaxTimeAt _,
                          Limit.MaxMillisAt _,
                          Limit.MaxKv _,
                          Limit.MaxKvBytes _,
                          Limit.MaxReads _,
                          Limit.MaxDensity _ ->
                          Stream.empty();
                    });
    return Stream.concat(loss, time).toList();
  }

  private static ShownTradeOff.LimitLine timeLine(String most, double ratio) {
    return new ShownTradeOff.LimitLine("time ≤ " + most, ShownTradeOff.Axis.TIME, ratio);
  }
}
