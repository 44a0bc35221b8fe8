package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RelaxationTest {
  @Test
  void boundsNeverExceedWhatTheBestOfAllPlansHas() {
    double tightest = 0;
    for (long seed = 1; seed <= 4; seed++) {
      for (int batch : new int[] {1, 40}) {
        for (double ratio : new double[] {0.4, 0.6, 0.9}) {
          SearchProblem problem =
              TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 1024, 1500)
                  .withSeed(seed)
                  .problem(
                      batch,
                      new Limit.MaxTime(ratio),
                      new Limit.MaxTimeAt(Tokens.of(1500), ratio),
                      new Limit.MaxDensity(ratio));
          OptionalDouble least = EveryChoice.leastLoss(problem);
          Relaxation.Solution relaxed = new Relaxation(problem).best(1);
          assertThat(relaxed.bound()).isLessThanOrEqualTo(least.orElse(Double.POSITIVE_INFINITY));
          if (least.isPresent()) {
            double micros = new Relaxation(problem).leastWorkloadMicros(least.getAsDouble());
            double leastMicros = EveryChoice.leastWorkloadMicros(problem, least.getAsDouble());
            assertThat(micros).isLessThanOrEqualTo(leastMicros);
            tightest = Math.max(tightest, micros / leastMicros);
          }
        }
      }
    }
    assertThat(tightest).isGreaterThan(0.85);
  }

  @Test
  void tighterTimeLosesMore() {
    SearchProblem problem =
        TestModel.of(3, 4, TestModel.seventeenCandidates(), 2048)
            .problem(16, new Limit.MaxTime(0.6));
    double previous = 0;
    for (double share : new double[] {1, 0.9, 0.8, 0.7}) {
      double bound = new Relaxation(problem).best(share).bound();
      assertThat(bound).isGreaterThan(previous);
      previous = bound;
    }
    assertThat(new Relaxation(problem).best(0.01).choice()).isEmpty();
  }
}
