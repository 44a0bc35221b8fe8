package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.plan.SearchStep;
import io.sparseplan.plans.plan.SolverOutcome;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.search.fixture.TestModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PlanSearchTest {
  private static final SearchEffort SHORT = new SearchEffort(1_000_000);
  private static final double KEPT = 1 + 1e-9;

  private static final TestModel MODEL =
      TestModel.of(4, 4, TestModel.seventeenCandidates(), 1024, 2048);

  private static SearchRequest request(TestModel model, Goal goal, Strategy strategy) {
    return new SearchRequest(
        model.profile(),
        LossStatistic.OUTPUT_ERROR,
        DeviceTable.resolve(DeviceTable.DEFAULT),
        model.workload(8),
        goal,
        Optional.empty(),
        strategy,
        SearchRequest.DEFAULT_SEED,
        SHORT,
        TestModel::run);
  }

  private static Plan search(TestModel model, Limit... limits) {
    return search(model, TestModel.goal(limits));
  }

  private static Plan search(TestModel model, Goal goal) {
    return PlanSearch.search(request(model, goal, Strategy.OPTAPLANNER), SearchProgress.NONE);
  }

  @Test
  void keepsEveryLimitAndProvesABound() {
    Plan plan =
        search(
            MODEL,
            new Limit.MaxTime(0.7),
            new Limit.MaxTimeAt(Tokens.of(2048), 0.65),
            new Limit.MaxDensity(0.6));
    Prediction predicted = plan.predicted();
    assertThat(predicted.time().ratio()).isLessThanOrEqualTo(0.7 * KEPT);
    assertThat(predicted.byLength().get(1).time().ratio()).isLessThanOrEqualTo(0.65 * KEPT);
    assertThat((predicted.byLength().get(0).density() + predicted.byLength().get(1).density()) / 2)
        .isLessThanOrEqualTo(0.6 * KEPT);
    assertThat(plan.solver().loss().bound()).isBetween(0.0, plan.solver().loss().found());
    assertThat(plan.solver().timeMillis().bound())
        .isBetween(0.5 * plan.solver().timeMillis().found(), plan.solver().timeMillis().found());
    assertThat(plan.solver().gap()).isBetween(0.0, 0.2);
    assertThat(plan.solver())
        .satisfiesAnyOf(
            solver -> assertThat(solver.gap()).isZero(),
            solver -> assertThat(solver.scoreCalculations()).isPositive());
  }

  @Test
  void figuresOfThePlanFitTogether() {
    Plan plan = search(MODEL, new Limit.MaxTime(0.6));
    Prediction predicted = plan.predicted();
    assertThat(plan.heads().stream().mapToDouble(HeadDecision::timeShare).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(plan.heads().stream().mapToDouble(HeadDecision::loss).sum())
        .isCloseTo(predicted.loss(), within(1e-9));
    assertThat(predicted.byLength().stream().mapToDouble(Prediction.AtLength::loss).sum() / 2)
        .isCloseTo(predicted.loss(), within(1e-9));
    assertThat(predicted.byLength().stream().mapToDouble(at -> at.time().planMillis()).sum())
        .isCloseTo(predicted.time().planMillis(), within(1e-9));
    assertThat(predicted.time().dense().getFirst().kernel())
        .isEqualTo(DeviceTable.resolve(DeviceTable.DEFAULT).kernel());
    assertThat(plan.solver().loss().found()).isEqualTo(predicted.loss());
    assertThat(plan.solver().timeMillis().found()).isEqualTo(predicted.time().planMillis());
    assertThat(plan.model()).isEqualTo(MODEL.identity());
    assertThat(plan.calibration().promptSet()).isEqualTo(MODEL.profile().promptSet());
    assertThat(plan.run()).isEqualTo(TestModel.run());
  }

  @Test
  void theTrailLeadsToThePlanAndNeverGoesBack() {
    Plan plan = search(MODEL, new Limit.MaxTime(0.6));
    List<SearchStep> trail = plan.solver().trail();
    assertThat(trail).hasSizeBetween(2, SolverOutcome.LONGEST_TRAIL);
    assertThat(trail.getFirst().stage()).isEqualTo(SearchStep.Stage.RELAXATION);
    assertThat(trail.getLast().loss()).isEqualTo(plan.predicted().loss());
    assertThat(trail.getLast().timeRatio())
        .isCloseTo(plan.predicted().time().ratio(), within(1e-9));
    assertThat(trail.getLast().bound()).isEqualTo(plan.solver().loss().bound());
    assertThat(trail.getLast().gap()).contains(plan.solver().gap());
    assertThat(trail).isSortedAccordingTo(Comparator.comparingLong(SearchStep::simulatedLayers));
    assertThat(trail).isSortedAccordingTo(Comparator.comparingDouble(SearchStep::bound));
    List<SearchStep> within = trail.stream().filter(step -> step.gap().isPresent()).toList();
    assertThat(within)
        .isSortedAccordingTo(Comparator.comparingDouble(SearchStep::loss).reversed())
        .allSatisfy(step -> assertThat(step.timeRatio()).isLessThanOrEqualTo(0.6 * KEPT));
    assertThat(trail.stream().filter(step -> step.gap().isEmpty()))
        .allSatisfy(step -> assertThat(step.timeRatio()).isGreaterThan(0.6));
  }

  @Test
  void theTrailOfALeastTimeIsInTime() {
    double loss = search(MODEL, new Limit.MaxTime(0.6)).predicted().loss();
    Plan plan = search(MODEL, new Goal(List.of(), new Aim.LeastTime(loss), Rules.NONE));
    SearchStep last = plan.solver().trail().getLast();
    double denseMillis = plan.predicted().time().dense().getFirst().millis();
    assertThat(last.bound())
        .isCloseTo(plan.solver().timeMillis().bound() / denseMillis, within(1e-9));
    assertThat(last.gap()).hasValueSatisfying(gap -> assertThat(gap).isGreaterThanOrEqualTo(0));
    assertThat(plan.solver().trail())
        .isSortedAccordingTo(Comparator.comparingDouble(SearchStep::bound));
  }

  @Test
  void aPeersPlanHasNoTrail() {
    Plan plan =
        PlanSearch.search(
            request(MODEL, TestModel.goal(new Limit.MaxTime(0.6)), Strategy.MINFERENCE),
            SearchProgress.NONE);
    assertThat(plan.solver().trail()).isEmpty();
  }

  @Test
  void atALengthThatWasNotProfiledTheTimeIsKeptAndThePlanSaysWhereItsLossIsFrom() {
    SearchRequest profiled =
        request(MODEL, TestModel.goal(new Limit.MaxTime(0.6)), Strategy.OPTAPLANNER);
    Workload longer = Workload.prefill(8, TestModel.tokens(2048, 4096));
    Plan plan = PlanSearch.search(profiled.withWorkload(longer), SearchProgress.NONE);
    assertThat(plan.predicted().time().ratio()).isLessThanOrEqualTo(0.6 * KEPT);
    assertThat(plan.predicted().byLength().get(1).loss()).isPositive();
    assertThat(plan.warnings())
        .anySatisfy(
            warning ->
                assertThat(warning).contains("4096 was not profiled").contains("[1024, 2048]"));
    assertThatThrownBy(
            () ->
                PlanSearch.search(
                    request(MODEL, profiled.goal(), Strategy.MINFERENCE).withWorkload(longer),
                    SearchProgress.NONE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("(4096)")
        .hasMessageContaining("MINFERENCE");
  }

  @Test
  void theSameRequestGivesTheSamePlan() {
    Plan first = search(MODEL, new Limit.MaxTime(0.6));
    Plan second = search(MODEL, new Limit.MaxTime(0.6));
    assertThat(JsonFile.pretty(second)).isEqualTo(JsonFile.pretty(first));
  }

  @Test
  void aTighterLimitNeverLosesLess() {
    double previous = 0;
    double previousBound = 0;
    for (double ratio : new double[] {0.9, 0.75, 0.6, 0.5}) {
      Plan plan = search(MODEL, new Limit.MaxTime(ratio));
      assertThat(plan.predicted().time().ratio()).isLessThanOrEqualTo(ratio * KEPT);
      assertThat(plan.predicted().loss()).isGreaterThanOrEqualTo(previous);
      assertThat(plan.solver().loss().found()).isGreaterThanOrEqualTo(previousBound);
      previous = plan.predicted().loss();
      previousBound = plan.solver().loss().bound();
    }
    assertThat(previousBound).isPositive();
  }

  @Test
  void aLimitAtOneLengthHoldsThereAndMayCostLoss() {
    Plan without = search(MODEL, new Limit.MaxTime(0.6));
    double free = without.predicted().byLength().get(0).time().ratio();
    double tighter = 0.9 * free;
    Plan with =
        search(MODEL, new Limit.MaxTime(0.6), new Limit.MaxTimeAt(Tokens.of(1024), tighter));
    assertThat(with.predicted().byLength().get(0).time().ratio())
        .isLessThanOrEqualTo(tighter * KEPT);
    assertThat(with.predicted().loss()).isGreaterThan(without.solver().loss().bound());
  }

  @Test
  void weightsOfLengthsCount() {
    var workload =
        new Workload(
            Phase.PREFILL,
            8,
            List.of(
                new Workload.Entry(Tokens.of(1024), 1), new Workload.Entry(Tokens.of(2048), 5)));
    Plan plan =
        PlanSearch.search(
            new SearchRequest(
                MODEL.profile(),
                LossStatistic.OUTPUT_ERROR,
                DeviceTable.resolve(DeviceTable.DEFAULT),
                workload,
                TestModel.goal(new Limit.MaxTime(0.6)),
                Optional.empty(),
                Strategy.OPTAPLANNER,
                SearchRequest.DEFAULT_SEED,
                SHORT,
                TestModel::run),
            SearchProgress.NONE);
    var byLength = plan.predicted().byLength();
    assertThat(plan.predicted().time().planMillis())
        .isCloseTo(
            byLength.get(0).time().planMillis() + 5 * byLength.get(1).time().planMillis(),
            within(1e-9));
    assertThat(plan.predicted().loss())
        .isCloseTo((byLength.get(0).loss() + 5 * byLength.get(1).loss()) / 6, within(1e-9));
    assertThat(plan.predicted().time().ratio()).isLessThanOrEqualTo(0.6 * KEPT);
  }

  @Test
  void whereEverythingFitsDenseThePlanIsDenseAndProvenBest() {
    Plan plan = search(MODEL, new Limit.MaxTime(1), new Limit.MaxDensity(1));
    assertThat(plan.heads()).allMatch(head -> head.prefill().equals(new Dense()));
    assertThat(plan.predicted().loss()).isZero();
    assertThat(plan.solver().gap()).isZero();
    assertThat(plan.solver().loss().bound()).isZero();
    assertThat(plan.heads().getFirst().why()).startsWith("Dense: the best sparse choice, ");
  }

  @Test
  void theUniformPlanIsTheBestSingleSparsePatternAndNoBetterThanTheSearch() {
    Goal goal = TestModel.goal(new Limit.MaxTime(0.7));
    Plan uniform = PlanSearch.search(request(MODEL, goal, Strategy.UNIFORM), SearchProgress.NONE);
    var pattern = uniform.heads().getFirst().prefill();
    assertThat(pattern).isNotEqualTo(new Dense());
    assertThat(uniform.heads()).allMatch(head -> head.prefill().equals(pattern));
    assertThat(uniform.predicted().time().ratio()).isLessThanOrEqualTo(0.7 * KEPT);

    var problem = MODEL.problem(8, new Limit.MaxTime(0.7));
    for (int candidate = 1; candidate < 17; candidate++) {
      int[] choice = problem.uniform(candidate);
      if (problem.valueOf(choice).keepsLimits()) {
        assertThat(problem.losses().total(choice))
            .isGreaterThanOrEqualTo(uniform.predicted().loss() - 1e-9);
      }
    }
    Plan searched = search(MODEL, new Limit.MaxTime(0.7));
    assertThat(searched.predicted().loss()).isLessThan(0.8 * uniform.predicted().loss());
    assertThat(uniform.solver().loss().bound()).isLessThanOrEqualTo(searched.predicted().loss());
    assertThat(uniform.solver().gap()).isGreaterThan(searched.solver().gap());
  }

  @Test
  void saysWhyInFigures() {
    Plan plan = search(MODEL, new Limit.MaxTime(0.6));
    assertThat(plan.heads())
        .filteredOn(head -> !head.prefill().equals(new Dense()))
        .isNotEmpty()
        .allSatisfy(
            head ->
                assertThat(head.why())
                    .startsWith(head.prefill().label() + " keeps ")
                    .contains(" at " + Figures.percent(head.loss()) + " output error for ")
                    .matches(
                        ".* keeps [0-9.]+ % of the attention mass at [0-9.]+ % output error for"
                            + " [0-9.]+ % of dense time; (the next wider choice, .*, would take"
                            + " [0-9.]+ µs (longer|less) for [0-9.]+ less loss"
                            + "|no dearer choice loses less)\\."));
  }

  @Test
  void anImpossibleGoalIsRefusedWithWhatIsPossible() {
    for (Limit limit :
        List.of(
            new Limit.MaxTime(0.05),
            new Limit.MaxTimeAt(Tokens.of(2048), 0.05),
            new Limit.MaxDensity(0.05))) {
      assertThatThrownBy(() -> search(MODEL, new Limit.MaxTime(0.9), limit))
          .isInstanceOf(NoFeasiblePlanException.class)
          .hasMessageContaining("0.05")
          .hasMessageMatching("(?s).*\nMaybe raise that limit to at least 0\\.\\d{4}.*");
    }
    String message = messageOf(new Limit.MaxTime(0.05));
    double reachable =
        Double.parseDouble(message.replaceAll("(?s).*at least (0\\.\\d{4}).*", "$1"));
    assertThat(search(MODEL, new Limit.MaxTime(reachable)).predicted().time().ratio())
        .isCloseTo(reachable, within(1e-3));
  }

  private static String messageOf(Limit limit) {
    try {
      search(MODEL, limit);
      return "";
    } catch (NoFeasiblePlanException e) {
      return e.getMessage();
    }
  }

  @Test
  void aUniformPlanThatCannotKeepToTheGoalIsRefused() {
    Goal goal = TestModel.goal(new Limit.MaxDensity(0.05));
    assertThatThrownBy(
            () -> PlanSearch.search(request(MODEL, goal, Strategy.UNIFORM), SearchProgress.NONE))
        .isInstanceOf(NoFeasiblePlanException.class);
  }

  @Test
  void aUniformPlanNeedsASparseCandidate() {
    TestModel denseOnly = TestModel.of(1, 2, List.of(new Dense()), 512);
    assertThatThrownBy(
            () ->
                PlanSearch.search(
                    request(denseOnly, TestModel.goal(new Limit.MaxTime(1)), Strategy.UNIFORM),
                    SearchProgress.NONE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("test-model");
    assertThat(search(denseOnly, new Limit.MaxTime(1)).heads())
        .allMatch(head -> head.why().equals("Dense: the profile offers no other candidate."));
  }

  @Test
  void warnsOfLengthsWithFewPrompts() {
    assertThat(search(MODEL.withPrompts(4), new Limit.MaxTime(1)).warnings())
        .noneMatch(warning -> warning.contains("profiled on"));
    assertThat(search(MODEL.withPrompts(1), new Limit.MaxTime(1)).warnings())
        .contains("Length 2048 was profiled on 1 prompt; a loss from fewer than 4 is noisy.");
  }

  @Test
  void progressRisesToItsEndWithLossesThatFall() {
    List<Double> fractions = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    PlanSearch.search(
        request(MODEL, TestModel.goal(new Limit.MaxTime(0.6)), Strategy.OPTAPLANNER),
        (double fraction, OptionalDouble loss) -> {
          fractions.add(fraction);
          loss.ifPresent(losses::add);
        });
    assertThat(fractions).isSorted().endsWith(1.0).hasSizeGreaterThan(5);
    assertThat(losses).isSortedAccordingTo((a, b) -> Double.compare(b, a)).isNotEmpty();
  }
}
