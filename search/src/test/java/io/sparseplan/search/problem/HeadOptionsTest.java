package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.TestModel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeadOptionsTest {
  private final SearchProblem problem =
      TestModel.of(3, 3, TestModel.seventeenCandidates(), 512, 1152)
          .problem(5, new Limit.MaxTime(0.5));

  @Test
  void aPlanInOptionsIsTheSamePlan() {
    var random = new SplittableRandom(4);
    int changed = 0;
    for (int round = 0; round < 200; round++) {
      int[] choice = random.ints(9, 0, 17).toArray();
      int[] options = problem.options().inOptions(choice);
      assertThat(problem.valueOf(options)).isEqualTo(problem.valueOf(choice));
      assertThat(problem.parts(options)).isEqualTo(problem.parts(choice));
      for (int place = 0; place < 9; place++) {
        assertThat(problem.options().of(place)).contains(options[place]);
        changed += options[place] == choice[place] ? 0 : 1;
      }
    }
    assertThat(changed).isPositive();
  }

  @Test
  void optionsAscendInWorkAndNoTwoAreTheSame() {
    for (int place = 0; place < 9; place++) {
      var options = problem.options().of(place);
      for (int i = 1; i < options.size(); i++) {
        double work = problem.workMicros(options.get(i));
        double before = problem.workMicros(options.get(i - 1));
        double loss = problem.losses().mean(place, options.get(i));
        double lossBefore = problem.losses().mean(place, options.get(i - 1));
        assertThat(work > before || work == before && loss > lossBefore).isTrue();
      }
    }
  }

  @Test
  void ofTwoCandidatesThatAreDenseInEffectTheFirstStays() {
    SearchProblem shortPrompts =
        TestModel.of(1, 1, TestModel.seventeenCandidates(), 256).problem(1, new Limit.MaxTime(1));
    assertThat(shortPrompts.options().of(0)).contains(0);
    assertThat(shortPrompts.options().inOptions(new int[] {8})).containsExactly(0);
  }
}
