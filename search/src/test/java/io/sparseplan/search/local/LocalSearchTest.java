package io.sparseplan.search.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.SearchProblem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.optaplanner.core.config.solver.EnvironmentMode;

class LocalSearchTest {
  private static final LocalSearch.Listener NO_ONE = (fraction, best) -> {};

  @Test
  void scoresSurviveOptaPlannersFullAssertions() {
    SearchProblem problem = problem();
    LocalSearch.Result result =
        new LocalSearch(problem, EnvironmentMode.FULL_ASSERT)
            .improve(cheapest(problem), new LocalSearch.Effort(1, 2000), NO_ONE);
    assertThat(result.steps()).isGreaterThan(50);
  }

  @Test
  void improvesWithinTheLimitsAndTheSameWayEachTime() {
    SearchProblem problem = problem();
    int[] start = cheapest(problem);
    var effort = new LocalSearch.Effort(42, 5000);
    LocalSearch.Result first = new LocalSearch(problem).improve(start, effort, NO_ONE);
    assertThat(problem.valueOf(first.choice()).keepsLimits()).isTrue();
    assertThat(problem.losses().total(first.choice()))
        .isLessThan(0.5 * problem.losses().total(start));
    assertThat(first.scoreCalculations()).isBetween(5000L, 5010L);

    LocalSearch.Result again = new LocalSearch(problem()).improve(start, effort, NO_ONE);
    assertThat(again.choice()).isEqualTo(first.choice());
    assertThat(again.steps()).isEqualTo(first.steps());
    assertThat(again.scoreCalculations()).isEqualTo(first.scoreCalculations());
  }

  @Test
  void findsItsWayBackFromJustOutsideTheLimits() {
    TestModel model = TestModel.of(4, 3, TestModel.SIX_CANDIDATES, 1024, 1500);
    SearchProblem slack = model.problem(40, new Limit.MaxTime(1));
    int widest = 5;
    double ratio = slack.meters().getFirst().used(slack.parts(slack.uniform(widest))[0]);
    SearchProblem problem = model.problem(40, new Limit.MaxTime(0.97 * ratio));
    int[] start = problem.options().inOptions(problem.uniform(widest));
    assertThat(problem.valueOf(start).keepsLimits()).isFalse();
    LocalSearch.Result result =
        new LocalSearch(problem).improve(start, new LocalSearch.Effort(3, 5000), NO_ONE);
    assertThat(problem.valueOf(result.choice()).keepsLimits()).isTrue();
  }

  @Test
  void saysHowFarItIs() {
    List<Double> fractions = new ArrayList<>();
    SearchProblem problem = problem();
    new LocalSearch(problem)
        .improve(
            cheapest(problem),
            new LocalSearch.Effort(1, 5000),
            (fraction, best) -> fractions.add(fraction));
    assertThat(fractions).isSorted().hasSizeBetween(10, 110).allMatch(f -> f >= 0 && f <= 1);
  }

  @Test
  void hasNothingToDoWhereAtMostOneHeadHasAChoice() {
    SearchProblem one =
        TestModel.of(1, 1, TestModel.SIX_CANDIDATES, 1024).problem(1, new Limit.MaxTime(1));
    LocalSearch.Result result =
        new LocalSearch(one).improve(new int[] {0}, new LocalSearch.Effort(1, 100), NO_ONE);
    assertThat(result.choice()).containsExactly(0);
    assertThat(result.steps()).isZero();
  }

  private static SearchProblem problem() {
    return TestModel.of(4, 3, TestModel.SIX_CANDIDATES, 1024, 1500)
        .problem(6, new Limit.MaxTime(0.7), new Limit.MaxTimeAt(Tokens.of(1500), 0.65));
  }

  private static int[] cheapest(SearchProblem problem) {
    int[] choice = new int[problem.heads().count()];
    for (int place = 0; place < choice.length; place++) {
      choice[place] = problem.options().of(place).getFirst();
    }
    return choice;
  }
}
