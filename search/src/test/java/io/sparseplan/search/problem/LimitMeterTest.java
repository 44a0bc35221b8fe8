package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.fixture.TestModel;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LimitMeterTest {
  private static final TestModel MODEL =
      TestModel.of(3, 4, TestModel.SIX_CANDIDATES, 640, 1024, 1500);

  @Test
  void aDensePlanKeepsToARatioOfOneAndToNoLess() {
    for (double ratio : new double[] {1, 0.999999}) {
      for (Limit limit :
          List.of(
              new Limit.MaxTime(ratio),
              new Limit.MaxTimeAt(Tokens.of(1500), ratio),
              new Limit.MaxDensity(ratio))) {
        SearchProblem problem = MODEL.problem(3, limit);
        assertThat(problem.valueOf(problem.uniform(0)).keepsLimits())
            .as("%s", limit)
            .isEqualTo(ratio == 1);
      }
    }
  }

  @Test
  void partsAreTheRatioToDenseOfTheSimulatedTimes() {
    SearchProblem problem =
        MODEL.problem(
            2,
            new Limit.MaxTime(0.7),
            new Limit.MaxTimeAt(Tokens.of(1024), 0.4),
            new Limit.MaxDensity(0.2));
    LayerPrices prices = problem.prices();
    var random = new SplittableRandom(1);
    for (int round = 0; round < 20; round++) {
      int[] choice = random.ints(12, 0, 6).toArray();
      double[] micros = new double[3];
      double[] dense = new double[3];
      double density = 0;
      for (int n = 0; n < 3; n++) {
        for (int layer = 0; layer < 3; layer++) {
          micros[n] += prices.layerMicros(n, problem.heads().ofLayer(choice, layer));
          dense[n] += prices.denseLayerMicros(n);
        }
        for (int candidate : choice) {
          density += prices.density(n, candidate) / (3 * 12);
        }
      }
      long[] parts = problem.parts(choice);
      assertThat(problem.meters().get(0).used(parts[0]))
          .isCloseTo(
              (micros[0] + micros[1] + micros[2]) / (dense[0] + dense[1] + dense[2]), within(1e-9));
      assertThat(problem.meters().get(1).used(parts[1]))
          .isCloseTo(micros[1] / dense[1], within(1e-9));
      assertThat(problem.meters().get(2).used(parts[2])).isCloseTo(density, within(1e-9));
    }
  }

  @Test
  void evenlySpreadWorkNeverUsesMoreThanTheSimulatedTimes() {
    for (int batch : new int[] {1, 2, 16}) {
      SearchProblem problem =
          MODEL.problem(
              batch,
              new Limit.MaxTime(0.7),
              new Limit.MaxTimeAt(Tokens.of(640), 0.4),
              new Limit.MaxDensity(0.3));
      var random = new SplittableRandom(batch);
      for (int round = 0; round < 50; round++) {
        int[] choice = random.ints(12, 0, 6).toArray();
        long[] parts = problem.parts(choice);
        for (int k = 0; k < parts.length; k++) {
          long least = LimitMeter.CAPACITY - problem.leastPartsCapacity(k);
          for (int candidate : choice) {
            least += problem.leastParts(k, candidate);
          }
          assertThat(least).isLessThanOrEqualTo(parts[k]);
        }
      }
    }
  }

  @Test
  void aLimitAtALengthOutsideTheWorkloadIsRefusedByName() {
    assertThatThrownBy(() -> MODEL.problem(1, new Limit.MaxTimeAt(Tokens.of(2048), 0.5)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("2048")
        .hasMessageContaining("[640, 1024, 1500]")
        .hasMessageContaining("\nMaybe ");
  }
}
