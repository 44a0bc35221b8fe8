package io.sparseplan.search.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.SearchProblem;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FastestOfTest {
  @Test
  void noLayerIsFasterThanTheFastestCandidatesAllow() {
    var random = new SplittableRandom(3);
    int apart = 0;
    for (int headDim : new int[] {64, 128}) {
      for (int batch : new int[] {1, 3, 7, 30}) {
        SearchProblem problem =
            TestModel.of(1, 5, TestModel.seventeenCandidates(), 1024, 1900)
                .withHeadDim(headDim)
                .problem(batch, new Limit.MaxTime(0.5));
        LayerOptions options = LayerOptions.of(problem, new FastestCandidates(problem), 0);
        for (int round = 0; round < 200; round++) {
          int[] fastest = new int[5];
          int[] inside = new int[5];
          for (int head = 0; head < 5; head++) {
            int a = random.nextInt(options.candidate()[head].length);
            int b = random.nextInt(options.candidate()[head].length);
            int low = Math.min(a, b);
            int high = Math.max(a, b);
            fastest[head] = options.fastest()[head].of(low, high);
            inside[head] = options.candidate()[head][random.nextInt(low, high + 1)];
          }
          for (int n = 0; n < 2; n++) {
            double least = problem.leastTimes().micros(fastest)[n];
            double micros = problem.times().micros(inside)[n];
            assertThat(least).isLessThanOrEqualTo(micros);
            apart += least < micros ? 1 : 0;
          }
        }
      }
    }
    assertThat(apart).isGreaterThan(1000);
  }
}
