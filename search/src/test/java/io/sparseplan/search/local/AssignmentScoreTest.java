package io.sparseplan.search.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Goal;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.LossOver;
import io.sparseplan.plans.plan.Rules;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.ChoiceRules;
import io.sparseplan.search.problem.ModelHeads;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AssignmentScoreTest {
  @Test
  void keptUpToDateItEqualsTheValueFromScratch() {
    SearchProblem problem =
        TestModel.of(3, 3, TestModel.SIX_CANDIDATES, 1024, 1500)
            .problem(
                4,
                new Limit.MaxTime(0.85),
                new Limit.MaxTimeAt(Tokens.of(1500), 0.85),
                new Limit.MaxDensity(0.8));
    var assignment = new Assignment(problem, problem.uniform(problem.options().of(0).getFirst()));
    var score = new AssignmentScore();
    score.resetWorkingSolution(assignment);
    var random = new SplittableRandom(8);
    int kept = 0;
    int simulatedExcess = 0;
    for (int move = 0; move < 100_000; move++) {
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        HeadChoice head = assignment.heads().get(random.nextInt(9));
        score.beforeVariableChanged(head, HeadChoice.CANDIDATE);
        head.setCandidate(head.options().get(random.nextInt(head.options().size())));
        score.afterVariableChanged(head, HeadChoice.CANDIDATE);
      }
      if (random.nextInt(3) == 0) {
        continue;
      }
      PlanValue value = problem.valueOf(assignment.choice());
      assertThat(score.calculateScore()).isEqualTo(AssignmentScore.scoreOf(value));
      kept += value.keepsLimits() ? 1 : 0;
      simulatedExcess += !value.keepsLimits() && !leastPartsTellIt(problem, assignment) ? 1 : 0;
    }
    assertThat(kept).isGreaterThan(50);
    assertThat(simulatedExcess).isGreaterThan(50);
  }

  @ParameterizedTest
  @EnumSource(LossOver.class)
  void soItDoesWithRulesAndATimeToBeLeast(LossOver lossOver) {
    TestModel model = TestModel.of(3, 3, TestModel.SIX_CANDIDATES, 1024, 1500);
    ModelHeads heads = ModelHeads.of(model.identity());
    int[][] changed = new int[9][6];
    for (int[] ofPlace : changed) {
      Arrays.fill(ofPlace, 1, 6, 1);
    }
    ChoiceRules none = ChoiceRules.none(heads);
    SearchProblem problem =
        model.problem(
            4,
            new Goal(List.of(new Limit.MaxTime(0.9)), new Aim.LeastTime(1), lossOver, Rules.NONE),
            new ChoiceRules(
                heads,
                none.pinned(),
                2,
                Optional.of(new ChoiceRules.Baseline(changed, 7, new int[9]))));
    var assignment = new Assignment(problem, problem.uniform(0));
    var score = new AssignmentScore();
    score.resetWorkingSolution(assignment);
    var random = new SplittableRandom(3);
    int kept = 0;
    int broken = 0;
    for (int move = 0; move < 5000; move++) {
      HeadChoice head = assignment.heads().get(random.nextInt(9));
      HeadChoice like = assignment.heads().get(random.nextInt(9));
      score.beforeVariableChanged(head, HeadChoice.CANDIDATE);
      head.setCandidate(random.nextInt(4) == 0 ? random.nextInt(6) : like.getCandidate());
      score.afterVariableChanged(head, HeadChoice.CANDIDATE);
      PlanValue value = problem.valueOf(assignment.choice());
      assertThat(score.calculateScore()).isEqualTo(AssignmentScore.scoreOf(value));
      kept += value.keepsLimits() ? 1 : 0;
      broken += value.brokenRules() > 0 ? 1 : 0;
    }
    assertThat(kept).isGreaterThan(50);
    assertThat(broken).isGreaterThan(50);
  }

  private static boolean leastPartsTellIt(SearchProblem problem, Assignment assignment) {
    for (int k = 0; k < problem.meters().size(); k++) {
      long parts = 0;
      for (int candidate : assignment.choice()) {
        parts += problem.leastParts(k, candidate);
      }
      if (parts > problem.leastPartsCapacity(k)) {
        return true;
      }
    }
    return false;
  }
}
