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
  void leavingCandidatesOutCostsNoPlanAnything() {
    var random = new SplittableRandom(4);
    int changed = 0;
    for (int round = 0; round < 200; round++) {
      int[] choice = random.ints(9, 0, 17).toArray();
      int[] improved = problem.options().improved(choice);
      assertThat(problem.losses().total(improved))
          .isLessThanOrEqualTo(problem.losses().total(choice));
      assertThat(problem.parts(improved)[0]).isLessThanOrEqualTo(problem.parts(choice)[0]);
      for (int place = 0; place < 9; place++) {
        assertThat(problem.options().of(place)).contains(improved[place]);
        changed += improved[place] == choice[place] ? 0 : 1;
      }
    }
    assertThat(changed).isPositive();
  }

  @Test
  void optionsAscendInWorkAndNoneBeatsAnother() {
    for (int place = 0; place < 9; place++) {
      var options = problem.options().of(place);
      for (int i = 0; i < options.size(); i++) {
        for (int j = 0; j < i; j++) {
          assertThat(problem.workMicros(options.get(j)))
              .isLessThanOrEqualTo(problem.workMicros(options.get(i)));
          boolean beaten =
              problem.prices().neverSlower(options.get(j), options.get(i))
                  && problem.losses().mean(place, options.get(j))
                      <= problem.losses().mean(place, options.get(i));
          assertThat(beaten).isFalse();
        }
      }
    }
  }

  @Test
  void ofTwoCandidatesThatAreDenseInEffectTheFirstStays() {
    SearchProblem shortPrompts =
        TestModel.of(1, 1, TestModel.seventeenCandidates(), 256).problem(1, new Limit.MaxTime(1));
    assertThat(shortPrompts.options().of(0)).contains(0);
    assertThat(shortPrompts.options().improved(new int[] {8})).containsExactly(0);
  }
}
