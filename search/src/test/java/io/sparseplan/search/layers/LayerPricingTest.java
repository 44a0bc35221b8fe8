package io.sparseplan.search.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.EveryChoice;
import io.sparseplan.search.fixture.TestModel;
import io.sparseplan.search.problem.SearchProblem;
import io.sparseplan.search.problem.TimeSession;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayerPricingTest {
  private static final LayerPricing.Effort TO_THE_END = new LayerPricing.Effort(100_000, 100_000);

  @Test
  void findsTheLeastPricedValueOfAllTuples() {
    int simulatedLess = 0;
    for (int batch : new int[] {1, 2, 4, 25, 26}) {
      for (double price : new double[] {0, 1e-13, 1e-12, 1e-11}) {
        SearchProblem problem = problem(batch, batch % 2 == 0 ? 64 : 128);
        Tariff tariff = Tariff.of(problem, new double[] {price, price / 2, price / 3});
        LayerPricing.Result result = price(problem, tariff, TO_THE_END);
        simulatedLess += problem.simulations() < 6 * 6 * 6 * 6 / 2 ? 1 : 0;
        double least = leastPricedValue(problem, tariff);
        assertThat(result.complete()).isTrue();
        assertThat(result.bound()).isCloseTo(least, within(1e-12 * Math.max(1, least)));
      }
    }
    assertThat(simulatedLess).isGreaterThan(6);
  }

  @Test
  void anUnfinishedSearchStillBoundsAllTuples() {
    var random = new SplittableRandom(5);
    int unfinished = 0;
    double tightest = 0;
    for (int round = 0; round < 40; round++) {
      SearchProblem problem = problem(random.nextInt(1, 12), round % 2 == 0 ? 64 : 128);
      double price = Math.pow(10, random.nextDouble(-13, -11));
      Tariff tariff = Tariff.of(problem, new double[] {price, 0, price});
      var effort = new LayerPricing.Effort(random.nextInt(1, 30), random.nextInt(1, 30));
      LayerPricing.Result result = price(problem, tariff, effort);
      double least = leastPricedValue(problem, tariff);
      assertThat(result.bound()).isLessThanOrEqualTo(least + 1e-12);
      unfinished += result.complete() ? 0 : 1;
      tightest = result.complete() ? tightest : Math.max(tightest, result.bound() / least);
    }
    assertThat(unfinished).isGreaterThan(10);
    assertThat(tightest).isGreaterThan(0.9);
  }

  private static LayerPricing.Result price(
      SearchProblem problem, Tariff tariff, LayerPricing.Effort effort) {
    var pricing =
        new LayerPricing(problem, new FastestCandidates(problem), 0, PatternSets.of(problem));
    TimeSession session = problem.timeSession();
    LayerPricing.Result result = pricing.price(tariff, effort, session);
    problem.adopt(session);
    return result;
  }

  private static SearchProblem problem(int batch, int headDim) {
    return TestModel.of(1, 4, TestModel.SIX_CANDIDATES, 1024, 1500)
        .withHeadDim(headDim)
        .problem(
            batch,
            new Limit.MaxTime(0.6),
            new Limit.MaxTimeAt(Tokens.of(1500), 0.5),
            new Limit.MaxDensity(0.5));
  }

  private static double leastPricedValue(SearchProblem problem, Tariff tariff) {
    return EveryChoice.of(4, 6).stream()
        .mapToDouble(
            tuple -> {
              double[] micros = problem.times().micros(tuple);
              double value = problem.losses().total(tuple);
              for (int n = 0; n < 2; n++) {
                value += tariff.lossPerMicro()[n] * micros[n];
              }
              for (int candidate : tuple) {
                value += tariff.lossOfCandidate()[candidate];
              }
              return value;
            })
        .min()
        .orElseThrow();
  }
}
