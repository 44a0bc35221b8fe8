package io.sparseplan.costmodel.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LaunchAndTileTest {
  @Test
  void findsTheTimesThatMadeTheMeasurements() {
    double[] makespans = {3, 10, 25, 80, 400};
    double[] measured = Arrays.stream(makespans).map(makespan -> 1.5 + 2.5 * makespan).toArray();
    LaunchAndTile fit = LaunchAndTile.fit(makespans, measured, OptionalDouble.empty());
    assertThat(fit.launchMicros()).isCloseTo(1.5, within(1e-3));
    assertThat(fit.tileMicros()).isCloseTo(2.5, within(1e-4));
    assertThat(fit.meanError()).isLessThan(1e-4);
  }

  @Test
  void anOutlierDoesNotMoveThem() {
    double[] makespans = {3, 10, 25, 80, 400, 100};
    double[] measured = Arrays.stream(makespans).map(makespan -> 1.5 + 2.5 * makespan).toArray();
    measured[5] *= 3;
    LaunchAndTile fit = LaunchAndTile.fit(makespans, measured, OptionalDouble.empty());
    assertThat(fit.launchMicros()).isCloseTo(1.5, within(1e-3));
    assertThat(fit.tileMicros()).isCloseTo(2.5, within(1e-4));
  }

  @Test
  void noPairOfAFineGridIsBetter() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 20; round++) {
      double[] makespans = random.doubles(1 + random.nextInt(30), 1, 500).toArray();
      double[] measured =
          Arrays.stream(makespans)
              .map(makespan -> (2 + 3 * makespan) * random.nextDouble(0.8, 1.2))
              .toArray();
      LaunchAndTile fit = LaunchAndTile.fit(makespans, measured, OptionalDouble.empty());
      double shortest = Arrays.stream(measured).min().orElseThrow();
      for (double launch = 0; launch <= shortest; launch += shortest / 50) {
        for (double tile = 0.5; tile < 5; tile += 0.05) {
          assertThat(fit.meanError())
              .isLessThanOrEqualTo(meanError(makespans, measured, launch, tile) + 1e-6);
        }
      }
      assertThat(fit.meanError())
          .isCloseTo(
              meanError(makespans, measured, fit.launchMicros(), fit.tileMicros()), within(1e-12));
    }
  }

  @Test
  void aGivenLaunchTimeIsKept() {
    double[] makespans = {3, 10, 25, 80};
    double[] measured = {9, 26, 64, 201};
    LaunchAndTile fit = LaunchAndTile.fit(makespans, measured, OptionalDouble.of(1));
    assertThat(fit.launchMicros()).isEqualTo(1);
    assertThat(fit.tileMicros()).isBetween(2.49, 2.53);
  }

  private static double meanError(
      double[] makespans, double[] measured, double launch, double tile) {
    double sum = 0;
    for (int i = 0; i < measured.length; i++) {
      sum += Math.abs(launch + tile * makespans[i] - measured[i]) / measured[i];
    }
    return sum / measured.length;
  }
}
