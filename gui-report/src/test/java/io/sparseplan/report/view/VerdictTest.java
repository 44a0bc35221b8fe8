package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.fixture.ChangedPlan;
import io.sparseplan.report.fixture.SyntheticEvaluation;
import io.sparseplan.report.fixture.SyntheticPlan;
import io.sparseplan.report.fixture.SyntheticProfile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final Profile PROFILE =
      SyntheticProfile.of(
          SyntheticProfile.model("three-by-four", new LayerCount(3), new QueryHeads(4)),
          List.of(1024, 2048, 4096),
          2);
  private static final Plan PLAN = plan(new Limit.MaxTime(0.9));

  @Test
  void aPlanThatKeepsItsLimitsAndWasMeasuredPasses() {
    Verdict verdict = verdict(PLAN, Optional.of(SyntheticEvaluation.of(PROFILE.model())));

    assertThat(verdict.status()).isEqualTo(Verdict.Status.PASS);
    assertThat(verdict.headline()).isEqualTo("Within every limit");
    assertThat(verdict.measuredOn())
        .isEqualTo("Measured on 12 held-out prompts: the plan was made without them.");
  }

  @Test
  void aPlanThatWasNotMeasuredDoesNotPass() {
    Verdict verdict = verdict(PLAN, Optional.empty());

    assertThat(verdict.status()).isEqualTo(Verdict.Status.WARN);
    assertThat(verdict.headline()).isEqualTo("Within every limit, loss not measured");
    assertThat(verdict.measuredOn()).contains("sparseplan evaluate ", " --evaluation ");
    assertThat(verdict.figures())
        .filteredOn(figure -> figure.basis() == Basis.NOT_MEASURED)
        .extracting(Figure::label, Figure::value)
        .containsExactly(
            tuple("Loss change", "not measured"),
            tuple("Answers right", "not measured"),
            tuple("KL from dense", "not measured"));
  }

  @Test
  void denseAloneIsNoMeasurementOfThePlan() {
    Verdict verdict = verdict(PLAN, Optional.of(SyntheticEvaluation.denseAlone(PROFILE.model())));

    assertThat(verdict.status()).isEqualTo(Verdict.Status.WARN);
    assertThat(verdict.measuredOn()).contains("dense attention alone");
  }

  @Test
  void promptsThatMadeThePlanAreAWarning() {
    ReportView view =
        ReportData.of(
                ReportInput.of(PLAN)
                    .with(PROFILE)
                    .with(SyntheticEvaluation.notHeldOut(PROFILE.model())))
            .view();

    assertThat(view.warnings())
        .singleElement()
        .asString()
        .contains("prompts that the plan was made");
    assertThat(view.verdict().status()).isEqualTo(Verdict.Status.WARN);
    assertThat(view.verdict().measuredOn()).contains("not held out");
  }

  @Test
  void timesOfAGpuThatNobodyMeasuredSaySoBesideTheFigure() {
    DeviceIdentity measured = PLAN.device();
    var scaled =
        new DeviceIdentity(
            "b200-flex-attention",
            measured.sha256(),
            "NVIDIA B200",
            measured.kernel(),
            measured.runtime(),
            measured.meanErrorPercent(),
            true);
    Plan plan =
        new Plan(
            PLAN.schemaVersion(),
            PLAN.tool(),
            PLAN.model(),
            PLAN.layout(),
            PLAN.calibration(),
            scaled,
            PLAN.workload(),
            PLAN.goal(),
            PLAN.solver(),
            PLAN.predicted(),
            PLAN.warnings(),
            PLAN.heads(),
            PLAN.run());
    assertThat(timeNotes(plan)).contains("not measured on this GPU: NVIDIA B200");
    assertThat(timeNotes(PLAN)).noneMatch(note -> note.contains("not measured"));
  }

  private static List<String> timeNotes(Plan plan) {
    return verdict(plan, Optional.empty()).figures().stream()
        .filter(figure -> figure.label().equals("Attention time"))
        .findFirst()
        .orElseThrow()
        .notes();
  }

  @Test
  void aMissedLimitFailsWhateverElseIsGood() {
    Verdict verdict =
        verdict(
            plan(new Limit.MaxTime(0.9), new Limit.MaxDensity(0.01)),
            Optional.of(SyntheticEvaluation.of(PROFILE.model())));

    assertThat(verdict.status()).isEqualTo(Verdict.Status.FAIL);
    assertThat(verdict.headline()).isEqualTo("1 of 2 limits missed");
    assertThat(verdict.limits()).extracting(LimitCheck::kept).containsExactly(true, false);
  }

  @Test
  void eachLimitNamesWhatItIsARatioTo() {
    Plan plan =
        plan(
            new Limit.MaxTime(0.9),
            new Limit.MaxTimeAt(Tokens.of(4096), 0.875),
            new Limit.MaxDensity(0.9));

    assertThat(verdict(plan, Optional.empty()).limits())
        .extracting(LimitCheck::quantity, LimitCheck::expected, LimitCheck::basis)
        .containsExactly(
            tuple("attention time ÷ flex_attention dense, all lengths", "≤ 0.90", Basis.ESTIMATED),
            tuple(
                "attention time ÷ flex_attention dense at 4,096 tokens",
                "≤ 0.875",
                Basis.ESTIMATED),
            tuple("density, mean over heads and lengths", "≤ 0.90", Basis.COUNTED));
  }

  @Test
  void theLossOfAPlanOfLeastTimeIsALimitToo() {
    double loss = PLAN.predicted().loss();

    assertThat(verdict(ofLeastTime(2 * loss), Optional.empty()).limits())
        .singleElement()
        .satisfies(
            limit -> {
              assertThat(limit.quantity()).isEqualTo("predicted loss, mean over lengths");
              assertThat(limit.expected()).isEqualTo("≤ " + NumberText.significant(2 * loss));
              assertThat(limit.found()).isEqualTo(NumberText.significant(loss));
              assertThat(limit.basis()).isEqualTo(Basis.ESTIMATED);
              assertThat(limit.kept()).isTrue();
            });
    Verdict missed = verdict(ofLeastTime(loss / 2), Optional.empty());
    assertThat(missed.status()).isEqualTo(Verdict.Status.FAIL);
    assertThat(missed.headline()).isEqualTo("1 of 1 limits missed");
  }

  private static Plan ofLeastTime(double maxLoss) {
    return ChangedPlan.withGoal(PLAN, new Goal(List.of(), new Aim.LeastTime(maxLoss), Rules.NONE));
  }

  @Test
  void besideWhatIsLimitedStandsWhatItIsAtEachLength() {
    Plan plan = plan(new Limit.MaxTime(0.9), new Limit.MaxDensity(0.9));
    Prediction.AtLength first = plan.predicted().byLength().getFirst();

    assertThat(verdict(plan, Optional.empty()).limits())
        .extracting(LimitCheck::all)
        .satisfiesExactly(
            times ->
                assertThat(times)
                    .matches("2,048: 0[.][0-9]+; 4,096: 0[.][0-9]+")
                    .startsWith("2,048: " + NumberText.ratio(first.time().ratio()) + ";"),
            densities ->
                assertThat(densities)
                    .startsWith("2,048: " + NumberText.ratio(first.density()) + ";"));
  }

  @Test
  void aLimitAtALengthWithoutAPredictionIsMissed() {
    Plan plan = plan(new Limit.MaxTimeAt(Tokens.of(1024), 0.9));

    assertThat(verdict(plan, Optional.empty()).limits())
        .singleElement()
        .extracting(LimitCheck::found, LimitCheck::kept)
        .containsExactly("not predicted", false);
  }

  @Test
  void aLimitThatIsMetToTheLastDigitIsKept() {
    Plan plan = plan(new Limit.MaxTime(PLAN.predicted().time().ratio()));

    assertThat(verdict(plan, Optional.empty()).limits())
        .extracting(LimitCheck::kept)
        .containsExactly(true);
  }

  @Test
  void theMeasuredFiguresStandBesideDense() {
    List<Figure> figures =
        verdict(PLAN, Optional.of(SyntheticEvaluation.of(PROFILE.model()))).figures();

    assertThat(figures).extracting(Figure::label).contains("Attention time", "Gap to the bound");
    assertThat(figure(figures, "Loss change"))
        .isEqualTo(
            new Figure(
                "Loss change",
                "+0.00380",
                "nats",
                Basis.MEASURED,
                List.of("per answer token: dense 0.00130, plan 0.00510")));
    assertThat(figure(figures, "Answers right"))
        .isEqualTo(
            new Figure(
                "Answers right",
                "52",
                "of 54",
                Basis.MEASURED,
                List.of("dense 54 of 54", "95 % interval 87 % to 99 %")));
    assertThat(figure(figures, "KL from dense").value()).isEqualTo("0.0123");
  }

  @Test
  void everySpeedUpNamesItsBaseline() {
    Figure time = figure(verdict(PLAN, Optional.empty()).figures(), "Attention time");

    assertThat(time.basis()).isEqualTo(Basis.ESTIMATED);
    assertThat(time.unit()).isEqualTo("of flex_attention dense");
    assertThat(time.notes()).hasSize(4);
    assertThat(time.notes().get(0)).contains("faster", "ms, dense ");
    assertThat(time.notes().get(1)).contains(" of sdpa dense: ");
    assertThat(time.notes().get(2))
        .isEqualTo("dense is faster below 512 tokens (tried up to 4,096)");
    assertThat(time.notes().get(3))
        .isEqualTo("vouched for up to 4,096 tokens; longer prompts run dense");
  }

  @Test
  void theSentenceCountsTheHeads() {
    long dense =
        PLAN.heads().stream().filter(head -> head.prefill().label().equals("dense")).count();

    assertThat(verdict(PLAN, Optional.empty()).sentence())
        .startsWith(
            "Of the 12 heads of three-by-four, %d stay dense and %d run a sparse pattern"
                .formatted(dense, 12 - dense));
  }

  @Test
  void theTableHasARowForEveryPredictedAndMeasuredLength() {
    Table table = verdict(PLAN, Optional.of(SyntheticEvaluation.of(PROFILE.model()))).byLength();

    assertThat(table.columns())
        .extracting(Table.Column::name)
        .containsExactly(
            "length, tokens",
            "density",
            "attention time, ms",
            "÷ flex_attention dense",
            "÷ sdpa dense",
            "predicted loss",
            "loss change, nats",
            "answers right, dense → plan",
            "KL, nats a token");
    assertThat(table.rows()).extracting(List::getFirst).containsExactly("2,048", "4,096");
    assertThat(table.rows().get(1)).contains("+0.00456", "100 % → 94 % of 36", "0.0185");
  }

  @Test
  void aLengthThatWasOnlyMeasuredHasNoPrediction() {
    Profile shorter = SyntheticProfile.of(PROFILE.model(), List.of(512, 2048), 2);
    Table table =
        verdict(SyntheticPlan.of(shorter), Optional.of(SyntheticEvaluation.of(PROFILE.model())))
            .byLength();

    assertThat(table.rows()).extracting(List::getFirst).containsExactly("2,048", "4,096");
    assertThat(table.rows().get(1)).startsWith("4,096", "–", "–", "–", "–", "–", "+0.00456");
  }

  private static Figure figure(List<Figure> figures, String label) {
    return figures.stream().filter(one -> one.label().equals(label)).findFirst().orElseThrow();
  }

  private static Plan plan(Limit... limits) {
    return SyntheticPlan.of(PROFILE, List.of(limits), List.of());
  }

  private static Verdict verdict(Plan plan, Optional<Evaluation> evaluation) {
    return Verdict.of(plan, evaluation, Warnings.of(plan, evaluation));
  }
}
