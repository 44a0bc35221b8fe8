package io.sparseplan.search.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.PlanValue;
import io.sparseplan.search.problem.SearchProblem;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

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
    for (int move = 0; move < 3000; move++) {
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
