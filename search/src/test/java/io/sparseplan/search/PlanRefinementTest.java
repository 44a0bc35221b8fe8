package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.plans.plan.SearchStep;
import io.sparseplan.plans.plan.SearchStep.Stage;
import io.sparseplan.plans.plan.Strategy;
import io.sparseplan.plans.profile.LossStatistic;
import io.sparseplan.plans.profile.ProfiledLoss;
import io.sparseplan.plans.refinement.PromptChanges;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searching near a plan, by what changes of it do. */
final class PlanRefinementTest {
  private static final Limit HALF_TIME = new Limit.MaxTime(0.6);
  private static final TestModel MODEL = TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 1024, 2048);

  private static SearchRequest request(Goal goal) {
    return new SearchRequest(
        MODEL.profile(),
        LossStatistic.OUTPUT_ERROR,
        DeviceTable.resolve(DeviceTable.DEFAULT),
        MODEL.workload(8),
        goal,
        Optional.empty(),
        Strategy.OPTAPLANNER,
        SearchRequest.DEFAULT_SEED,
        new SearchEffort(1_000_000),
        TestModel::run);
  }

  private static Plan first(SearchRequest request) {
    return PlanSearch.search(request, SearchProgress.NONE);
  }

  private static int[] choice(Plan plan) {
    return plan.heads().stream()
        .mapToInt(head -> TestModel.SIX_CANDIDATES.indexOf(head.prefill()))
        .toArray();
  }

  /** Two prompts of each length whose changes are random, but nothing for what the plan runs. */
  private static List<PromptChanges> randomChanges(Plan plan, long seed) {
    var random = new Random(seed);
    var changes = new ArrayList<PromptChanges>();
    int[] now = choice(plan);
    for (int n = 0; n < 4; n++) {
      double[][] ofHeads = new double[now.length][TestModel.SIX_CANDIDATES.size()];
      for (int head = 0; head < ofHeads.length; head++) {
        for (int candidate = 0; candidate < ofHeads[head].length; candidate++) {
          ofHeads[head][candidate] = candidate == now[head] ? 0 : random.nextGaussian();
        }
      }
      changes.add(new PromptChanges(Tokens.of(n < 2 ? 1024 : 2048), 5 + n, ofHeads));
    }
    return changes;
  }

  private static double predicted(List<PromptChanges> changes, int[] choice) {
    double sum = 0;
    for (PromptChanges prompt : changes) {
      sum += prompt.divergence() / changes.size();
      for (int head = 0; head < choice.length; head++) {
        sum += prompt.changes()[head][choice[head]] / changes.size();
      }
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void noPlanSoNearWithinTheGoalIsPredictedToLoseLess(long seed) {
    SearchRequest request = request(TestModel.goal(HALF_TIME));
    Plan plan = first(request);
    List<PromptChanges> changes = randomChanges(plan, seed);
    int[] now = choice(plan);
    SearchProblem problem = MODEL.problem(8, HALF_TIME);
    double best = Double.POSITIVE_INFINITY;
    int[] choice = new int[now.length];
    for (int number = 0; number < 6 * 6 * 6 * 6; number++) {
      int changed = 0;
      for (int head = 0, rest = number; head < choice.length; head++, rest /= 6) {
        choice[head] = rest % 6;
        changed += choice[head] == now[head] ? 0 : 1;
      }
      if (changed <= 2 && problem.valueOf(choice).keepsLimits()) {
        best = Math.min(best, predicted(changes, choice));
      }
    }

    PlanRefinement.Result result =
        PlanRefinement.search(request, plan, changes, 0.5, SearchProgress.NONE);

    assertThat(PlanDiff.between(plan, result.plan()).changed()).hasSizeLessThanOrEqualTo(2);
    assertThat(result.plan().predicted().time().ratio()).isLessThanOrEqualTo(0.6 * (1 + 1e-9));
    assertThat(result.predictedLoss())
        .isCloseTo(predicted(changes, choice(result.plan())), within(1e-9));
    // Changes that are worth no more than a thousandth are taken back.
    assertThat(result.predictedLoss()).isBetween(best - 1e-9, best + 0.02);
  }

  @Test
  void whereTheProfileWasRightNothingChanges() {
    SearchRequest request = request(TestModel.goal(HALF_TIME));
    Plan plan = first(request);
    int[] now = choice(plan);
    List<PromptChanges> changes = changesAsProfiled(now, 1);

    PlanRefinement.Result result =
        PlanRefinement.search(request, plan, changes, 1, SearchProgress.NONE);

    assertThat(PlanDiff.between(plan, result.plan()).changed()).isEmpty();
    assertThat(result.predictedLoss()).isCloseTo(plan.predicted().loss(), within(1e-9));
  }

  @Test
  void theRefinedPlanTellsOfTheProfilesLossesAndOfBothSearches() {
    SearchRequest request = request(TestModel.goal(HALF_TIME));
    Plan plan = first(request);
    Plan refined =
        PlanRefinement.search(request, plan, randomChanges(plan, 3), 1, SearchProgress.NONE).plan();

    assertThat(PlanDiff.between(plan, refined).changed()).isNotEmpty();
    assertThat(refined.goal()).isEqualTo(plan.goal());
    assertThat(refined.predicted().loss()).isGreaterThan(plan.predicted().loss());
    assertThat(refined.solver().loss().bound()).isEqualTo(plan.solver().loss().bound());
    List<SearchStep> trail = refined.solver().trail();
    assertThat(trail.subList(0, trail.size() - 1)).isEqualTo(plan.solver().trail());
    assertThat(trail.getLast().stage()).isEqualTo(Stage.REFINEMENT);
    assertThat(trail.getLast().loss()).isEqualTo(refined.predicted().loss());
    assertThat(trail.getLast().gap()).contains(refined.solver().gap());
  }

  @Test
  void aLossToKeepToIsKeptByWhatIsMeasured() {
    double most = 0.05;
    SearchRequest request = request(new Goal(List.of(), new Aim.LeastTime(most), Rules.NONE));
    Plan plan = first(request);
    int[] now = choice(plan);
    List<PromptChanges> changes = changesAsProfiled(now, 2);

    PlanRefinement.Result result =
        PlanRefinement.search(request, plan, changes, 1, SearchProgress.NONE);

    assertThat(result.predictedLoss()).isLessThanOrEqualTo(most * (1 + 1e-6));
    assertThat(2 * result.plan().predicted().loss())
        .isCloseTo(result.predictedLoss(), within(1e-9));
    assertThat(result.plan().predicted().time().planMillis())
        .isGreaterThan(plan.predicted().time().planMillis());
  }

  /** What changes do where everything loses a multiple of what the profile says. */
  private static List<PromptChanges> changesAsProfiled(int[] now, double multiple) {
    var losses = new ProfiledLoss(MODEL.profile(), LossStatistic.OUTPUT_ERROR);
    var changes = new ArrayList<PromptChanges>();
    for (Tokens length : MODEL.lengths()) {
      double[][] ofHeads = new double[now.length][];
      double loss = 0;
      for (int head = 0; head < now.length; head++) {
        double[] profiled = losses.ofHead(length, head);
        double ofPlan = profiled[now[head]];
        loss += multiple * ofPlan;
        ofHeads[head] =
            Arrays.stream(profiled).map(candidate -> multiple * (candidate - ofPlan)).toArray();
      }
      changes.add(new PromptChanges(length, loss, ofHeads));
    }
    return changes;
  }
}
