package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Churn;
import io.sparseplan.plans.plan.DenseEnds;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.MaxPatterns;
import io.sparseplan.plans.plan.Pin;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.Arithmetic;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.ProfileBasis;
import io.sparseplan.plans.profile.PromptStatistics;
import io.sparseplan.search.fixture.TestModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SearchRulesTest {
  private static final TestModel MODEL =
      TestModel.of(4, 4, TestModel.seventeenCandidates(), 1024, 2048);
  private static final String SPAN = "s128+w256+0.125N";

  private static Plan search(TestModel model, Goal goal, Optional<Plan> baseline) {
    return search(model.profile(), model, goal, baseline);
  }

  private static Plan search(Profile profile, TestModel model, Goal goal, Optional<Plan> baseline) {
    return PlanSearch.search(
        new SearchRequest(
            profile,
            LossStatistic.OUTPUT_ERROR,
            DeviceTable.resolve(DeviceTable.DEFAULT),
            model.workload(8),
            goal,
            baseline,
            Strategy.OPTAPLANNER,
            SearchRequest.DEFAULT_SEED,
            new SearchEffort(1_000_000),
            TestModel::run),
        SearchProgress.NONE);
  }

  private static Plan search(Rules rules) {
    return search(MODEL, TestModel.goal(new Limit.MaxTime(0.6)).withRules(rules), Optional.empty());
  }

  private static Rules pins(String... pins) {
    return Rules.NONE.withPins(List.of(pins).stream().map(Pin::parse).toList());
  }

  private static List<HeadDecision> layer(Plan plan, int layer) {
    return plan.heads().subList(4 * layer, 4 * layer + 4);
  }

  private static Goal leastTime(double maxLoss, Limit... limits) {
    return new Goal(List.of(limits), new Aim.LeastTime(maxLoss), Rules.NONE);
  }

  @Test
  void aBaselineFromAProfileOfAnotherArithmeticIsWarnedOf() {
    Goal goal = TestModel.goal(new Limit.MaxTime(0.6));
    Plan before = search(MODEL, goal, Optional.empty());
    Profile profile = MODEL.profile();
    Profile onGpu =
        ProfileBasis.of(profile)
            .in(Arithmetic.BF16)
            .profileOf(profile.prompts(), profile.run())
            .withInduction(profile.induction().orElseThrow());
    assertThat(search(MODEL, goal, Optional.of(before)).warnings())
        .noneMatch(warning -> warning.contains("arithmetic") || warning.contains("bf16"));
    assertThat(search(onGpu, MODEL, goal, Optional.of(before)).warnings())
        .anyMatch(
            warning ->
                warning.startsWith(
                    "The plan that the search began at was made from a profile in float32 on the CPU, this one from one in bf16 on a GPU"));
  }

  @Test
  void pinnedHeadsRunWhatTheyAreGiven() {
    Plan plan = search(pins("L2=" + SPAN, "L1.H3=s128+w2048", "L0.H0=dense"));
    assertThat(layer(plan, 2)).allMatch(head -> head.prefill().label().equals(SPAN));
    assertThat(layer(plan, 1).get(3).prefill().label()).isEqualTo("s128+w2048");
    assertThat(layer(plan, 0).get(0).prefill()).isEqualTo(new Dense());
    assertThat(layer(plan, 0).get(0).why()).isEqualTo("Pinned by the goal: dense.");
    assertThat(plan.predicted().time().ratio()).isLessThanOrEqualTo(0.6 * (1 + 1e-9));
    assertThat(plan.solver().loss().found())
        .isGreaterThan(search(Rules.NONE).solver().loss().bound());
  }

  @Test
  void denseLayersStayDenseAtBothEnds() {
    Rules rules =
        Rules.NONE.withDenseLayers(new DenseEnds(new DenseEnds.First(1), new DenseEnds.Last(1)));
    Plan plan =
        search(MODEL, TestModel.goal(new Limit.MaxTime(0.75)).withRules(rules), Optional.empty());
    assertThat(layer(plan, 0)).allMatch(head -> head.prefill().equals(new Dense()));
    assertThat(layer(plan, 3)).allMatch(head -> head.prefill().equals(new Dense()));
    assertThat(layer(plan, 1)).anyMatch(head -> !head.prefill().equals(new Dense()));
  }

  @Test
  void rulesThatFitNothingAreRefusedByName() {
    assertRefused(pins("L4.H0=dense"), "L4.H0=dense", "layer 4", "layers 0..3");
    assertRefused(pins("L0.H4=dense"), "head 4", "heads 0..3");
    assertRefused(pins("L0.H0=s1+w1"), "s1+w1", SPAN);
    assertRefused(pins("L0=dense", "*.H1=" + SPAN), "L0.H1", "L0=dense", "*.H1=" + SPAN);
    assertRefused(
        pins("L0.H1=" + SPAN)
            .withDenseLayers(new DenseEnds(new DenseEnds.First(1), new DenseEnds.Last(0))),
        "L0.H1",
        "first=1");
    assertRefused(
        Rules.NONE.withDenseLayers(new DenseEnds(new DenseEnds.First(5), new DenseEnds.Last(0))),
        "first=5",
        "4 layers");
    assertRefused(
        pins("L1.H0=dense", "L1.H1=" + SPAN).withMaxPatternsPerLayer(new MaxPatterns(1)),
        "layer 1",
        SPAN);
    assertRefused(
        pins("L1.H0=dense", "L1.H1=" + SPAN).withGranularity(HeadAxis.KV_HEAD),
        "L1.H1",
        "key-value head");
  }

  private static void assertRefused(Rules rules, String... named) {
    assertThatThrownBy(() -> search(rules))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(named)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void headsOfOneKeyValueHeadShareAPattern() {
    Plan plan = search(Rules.NONE.withGranularity(HeadAxis.KV_HEAD));
    assertThat(plan.model().headAxis()).isEqualTo(HeadAxis.KV_HEAD);
    assertThat(plan.heads()).hasSize(16);
    for (int layer = 0; layer < 4; layer++) {
      assertThat(layer(plan, layer).stream().map(HeadDecision::prefill).distinct()).hasSize(1);
    }
    assertThat(plan.heads().stream().mapToDouble(HeadDecision::loss).sum())
        .isCloseTo(plan.predicted().loss(), within(1e-9));
    assertThat(plan.heads().stream().mapToDouble(HeadDecision::timeShare).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(plan.heads())
        .allMatch(head -> head.why().startsWith("With the 4 heads of its key-value head: "));
    Plan free = search(Rules.NONE);
    assertThat(free.model().headAxis()).isEqualTo(HeadAxis.QUERY_HEAD);
    assertThat(plan.solver().loss().found()).isGreaterThan(free.solver().loss().found());
    // A layer of one key-value head runs one pattern: another way to ask for the same.
    Plan onePattern = search(Rules.NONE.withMaxPatternsPerLayer(new MaxPatterns(1)));
    assertThat(plan.solver().loss().bound())
        .isLessThanOrEqualTo(onePattern.solver().loss().found() * (1 + 1e-9));
    assertThat(onePattern.solver().loss().bound())
        .isLessThanOrEqualTo(plan.solver().loss().found() * (1 + 1e-9));
  }

  @Test
  void aLayerRunsNoMorePatternsThanItMay() {
    double previous = Double.POSITIVE_INFINITY;
    for (int most = 1; most <= 4; most++) {
      Plan plan = search(Rules.NONE.withMaxPatternsPerLayer(new MaxPatterns(most)));
      for (int layer = 0; layer < 4; layer++) {
        assertThat(layer(plan, layer).stream().map(HeadDecision::prefill).distinct())
            .hasSizeLessThanOrEqualTo(most);
      }
      assertThat(plan.solver().loss().bound()).isLessThanOrEqualTo(previous);
      assertThat(plan.solver().gap()).isBetween(0.0, 0.2);
      previous = plan.solver().loss().found();
    }
  }

  @Test
  void aGoalOfLeastTimeKeepsToItsLossAndNoPlanOfThatTimeLosesMuchLess() {
    double previousMillis = Double.POSITIVE_INFINITY;
    for (double maxLoss : new double[] {0, 0.05, 0.3, 2}) {
      Plan plan = search(MODEL, leastTime(maxLoss), Optional.empty());
      assertThat(plan.predicted().loss()).isLessThanOrEqualTo(maxLoss * (1 + 1e-8));
      var millis = plan.solver().timeMillis();
      assertThat(millis.bound()).isBetween(0.8 * millis.found(), millis.found());
      assertThat(millis.found()).isEqualTo(plan.predicted().time().planMillis());
      assertThat(millis.bound()).isLessThan(previousMillis);
      assertThat(plan.solver().gap()).isBetween(0.0, 0.2);
      assertThat(plan.solver().loss().bound()).isLessThanOrEqualTo(plan.solver().loss().found());
      previousMillis = millis.found();

      double ratio = plan.predicted().time().ratio();
      Plan asFast =
          search(MODEL, TestModel.goal(new Limit.MaxTime(ratio * (1 + 1e-9))), Optional.empty());
      assertThat(plan.solver().loss().bound())
          .isLessThanOrEqualTo(asFast.solver().loss().found() * (1 + 1e-9));
    }
  }

  @Test
  void otherLimitsHoldWhereTimeIsLeast() {
    Plan plan = search(MODEL, leastTime(1, new Limit.MaxDensity(0.45)), Optional.empty());
    assertThat(
            (plan.predicted().byLength().get(0).density()
                    + plan.predicted().byLength().get(1).density())
                / 2)
        .isLessThanOrEqualTo(0.45 * (1 + 1e-9));
  }

  @Test
  void aLossThatNoPlanKeepsToIsRefusedWithWhatIsPossible() {
    Goal goal = leastTime(1e-4).withRules(pins("L0=s128+w128"));
    assertThatThrownBy(() -> search(MODEL, goal, Optional.empty()))
        .isInstanceOf(NoFeasiblePlanException.class)
        .hasMessageContaining("1.0E-4")
        .hasMessageContaining("\nMaybe raise --max-loss to at least ");
  }

  private static Rules near(double maxShare) {
    return Rules.NONE.withChurn(new Churn(Sha256.of("old"), maxShare));
  }

  private static long changed(Plan before, Plan after) {
    return IntStream.range(0, before.heads().size())
        .filter(
            place ->
                !before.heads().get(place).prefill().equals(after.heads().get(place).prefill()))
        .count();
  }

  @Test
  void searchingTheSameProfileAgainChangesHeadsForLessLossOrNone() {
    Goal goal = TestModel.goal(new Limit.MaxTime(0.6));
    Plan before = search(MODEL, goal, Optional.empty());
    for (double share : new double[] {0, 0.2, 1}) {
      Plan after = search(MODEL, goal.withRules(near(share)), Optional.of(before));
      if (after.predicted().loss() < before.predicted().loss()) {
        assertThat(changed(before, after))
            .isBetween(1L, (long) Math.floor(share * before.heads().size()));
      } else {
        assertThat(changed(before, after)).isZero();
      }
    }
  }

  @Test
  void noMoreHeadsChangeThanMay() {
    Goal goal = TestModel.goal(new Limit.MaxTime(0.6));
    Plan before = search(MODEL, goal, Optional.empty());
    TestModel other = MODEL.withSeed(9);
    Plan free = search(other, goal, Optional.empty());
    double previous = Double.POSITIVE_INFINITY;
    for (int most : new int[] {4, 8, 16}) {
      Plan after = search(other, goal.withRules(near(most / 16.0)), Optional.of(before));
      assertThat(changed(before, after)).isLessThanOrEqualTo(most);
      assertThat(after.solver().loss().bound()).isLessThanOrEqualTo(previous);
      previous = after.solver().loss().found();
    }
    assertThat(previous).isCloseTo(free.solver().loss().found(), within(0.01 * previous));
  }

  @Test
  void whereOneLayerAttendsOtherwiseFewChangesLoseNextToNothing() {
    TestModel model = TestModel.of(8, 8, TestModel.SIX_CANDIDATES, 1024, 2048);
    Goal goal = TestModel.goal(new Limit.MaxTime(0.6));
    Plan before = search(model, goal, Optional.empty());
    Profile perturbed = withLayerOf(model.withSeed(9).profile(), 5, model.profile());
    Plan free = search(perturbed, model, goal, Optional.empty());
    assertThat(changed(before, free)).isPositive();
    for (double share : new double[] {0.2, 0.25}) {
      Plan after = search(perturbed, model, goal.withRules(near(share)), Optional.of(before));
      assertThat(changed(before, after)).isBetween(1L, (long) (64 * share));
      assertThat(after.solver().loss().found()).isLessThan(1.01 * free.solver().loss().found());
    }
  }

  /** The profile, with the statistics that another one has of one layer. */
  private static Profile withLayerOf(Profile other, int layer, Profile profile) {
    int heads = profile.model().attention().queryHeads().count();
    List<PromptStatistics> prompts = new ArrayList<>();
    for (Tokens length : profile.lengths()) {
      List<PromptStatistics> own = profile.promptsOf(length);
      for (int at = 0; at < own.size(); at++) {
        List<HeadStatistics> mixed = new ArrayList<>(own.get(at).heads());
        for (int place = layer * heads; place < (layer + 1) * heads; place++) {
          mixed.set(place, other.promptsOf(length).get(at).heads().get(place));
        }
        prompts.add(new PromptStatistics(own.get(at).prompt(), length, 0, mixed));
      }
    }
    return new Profile(
        profile.schemaVersion(),
        profile.tool(),
        profile.model(),
        profile.tile(),
        profile.promptSet(),
        profile.objective(),
        profile.candidates(),
        prompts,
        profile.run());
  }

  @Test
  void pinsThatChangeMoreThanMayAreRefused() {
    Plan before =
        search(
            Rules.NONE.withDenseLayers(
                new DenseEnds(new DenseEnds.First(1), new DenseEnds.Last(0))));
    Goal goal =
        TestModel.goal(new Limit.MaxTime(0.6))
            .withRules(near(0.1).withPins(List.of(Pin.parse("L0=" + SPAN))));
    assertThatThrownBy(() -> search(MODEL, goal, Optional.of(before)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("change 4 heads")
        .hasMessageContaining("1 of 16");
  }

  @Test
  void anOlderPlanOfAnotherModelIsRefused() {
    Goal goal = TestModel.goal(new Limit.MaxTime(0.6));
    Plan other =
        search(TestModel.of(2, 4, TestModel.SIX_CANDIDATES, 1024, 2048), goal, Optional.empty());
    assertThatThrownBy(() -> search(MODEL, goal.withRules(near(1)), Optional.of(other)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("2 layers");
  }
}
