package io.sparseplan.search.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.Relaxation;
import io.sparseplan.search.problem.SearchProblem;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LayerDecompositionTest {
  @Test
  void neverProvesMoreThanTheBestOfAllPlansAndMostlyFindsThat() {
    int plans = 0;
    int best = 0;
    for (long seed = 1; seed <= 5; seed++) {
      for (int batch : new int[] {1, 6, 40}) {
        for (double ratio : new double[] {0.4, 0.6, 0.9}) {
          boolean several = seed % 2 == 0;
          SearchProblem problem =
              TestModel.of(2, 2, TestModel.SIX_CANDIDATES, 1024, 1500)
                  .withSeed(seed)
                  .withHeadDim(seed % 3 == 0 ? 128 : 64)
                  .problem(
                      batch,
                      several
                          ? new Limit[] {
                            new Limit.MaxTime(ratio),
                            new Limit.MaxTimeAt(Tokens.of(1500), ratio),
                            new Limit.MaxDensity(ratio)
                          }
                          : new Limit[] {new Limit.MaxTime(ratio)});
          OptionalDouble least = EveryChoice.leastLoss(problem);
          if (least.isEmpty()) {
            continue;
          }
          LayerDecomposition decomposition = run(problem, 2000);
          double found = problem.losses().total(decomposition.best());
          assertThat(decomposition.bound()).isLessThanOrEqualTo(least.getAsDouble());
          assertThat(decomposition.workloadMicrosBound(found))
              .isLessThanOrEqualTo(EveryChoice.leastWorkloadMicros(problem, found));
          assertThat(problem.valueOf(decomposition.best()).keepsLimits()).isTrue();
          plans++;
          best += found <= least.getAsDouble() + 1e-12 ? 1 : 0;
        }
      }
    }
    assertThat(plans).isGreaterThan(25);
    assertThat((double) best / plans).isGreaterThan(0.9);
  }

  @Test
  void knowsOfIdleSlotsThatTheRelaxationDoesNotSee() {
    SearchProblem problem =
        TestModel.of(6, 4, TestModel.seventeenCandidates(), 1024, 2048)
            .withHeadDim(128)
            .problem(8, new Limit.MaxTime(0.6));
    Relaxation relaxation = new Relaxation(problem);
    LayerDecomposition decomposition = run(problem, 4000);
    double found = problem.losses().total(decomposition.best());
    double relaxed = relaxation.best(1).bound();
    assertThat(decomposition.bound()).isBetween(relaxed + 0.5 * (found - relaxed), found);
    assertThat(decomposition.workloadMicrosBound(found))
        .isGreaterThan(relaxation.leastWorkloadMicros(found));
  }

  @Test
  void anOfferedPlanIsNeverReplacedByAWorseOne() {
    SearchProblem problem =
        TestModel.of(3, 3, TestModel.SIX_CANDIDATES, 1500).problem(4, new Limit.MaxTime(0.6));
    LayerDecomposition good = run(problem, 1000);
    double loss = problem.losses().total(good.best());
    good.offer(problem.uniform(1));
    good.recombine();
    assertThat(problem.losses().total(good.best())).isCloseTo(loss, within(1e-12));
  }

  private static LayerDecomposition run(SearchProblem problem, int simulations) {
    Relaxation.Solution relaxed = new Relaxation(problem).best(1);
    var decomposition =
        new LayerDecomposition(problem, problem.uniform(1), relaxed.tariff(), relaxed.bound());
    relaxed.choice().ifPresent(decomposition::offer);
    decomposition.run(simulations, fraction -> {});
    return decomposition;
  }
}
