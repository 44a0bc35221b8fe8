package io.sparseplan.plans.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The interval holds the shares p of which the sample is no more than 1.96 standard deviations
 * √(p(1 − p) ÷ n) away: held against that definition, solved by search.
 */
final class WilsonIntervalTest {
  private static final double Z = 1.959963984540054;

  @ParameterizedTest
  @CsvSource({"1, 1", "0, 1", "18, 18", "17, 18", "3, 18", "0, 54", "300, 348", "348, 348"})
  void endsWhereTheSampleIsJustCredible(int successes, int trials) {
    WilsonInterval interval = WilsonInterval.of(successes, trials);
    double share = (double) successes / trials;
    assertThat(interval.lower()).isCloseTo(credible(share, trials, 0), within(1e-9));
    assertThat(interval.upper()).isCloseTo(credible(share, trials, 1), within(1e-9));
  }

  /** The outermost credible share between the sample's and an end of 0..1. */
  private static double credible(double share, int trials, double end) {
    double inside = share;
    double outside = end;
    if (Math.abs(share - end) <= Z * Math.sqrt(end * (1 - end) / trials)) {
      return end;
    }
    for (int i = 0; i < 200; i++) {
      double middle = (inside + outside) / 2;
      boolean isCredible =
          Math.abs(share - middle) <= Z * Math.sqrt(middle * (1 - middle) / trials);
      if (isCredible) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return inside;
  }

  @Test
  void theRuleOfThumbForAllOfEighteen() {
    assertThat(WilsonInterval.of(18, 18).lower()).isCloseTo(0.824, within(5e-4));
  }

  @Test
  void overlapIsMutualAndTakesInTheEnds() {
    var low = new WilsonInterval(0.1, 0.3);
    assertThat(low.overlaps(new WilsonInterval(0.3, 0.4))).isTrue();
    assertThat(new WilsonInterval(0.3, 0.4).overlaps(low)).isTrue();
    assertThat(low.overlaps(new WilsonInterval(0.31, 0.4))).isFalse();
    assertThat(new WilsonInterval(0.31, 0.4).overlaps(low)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, 4", "5, 4"})
  void samplesThatCannotBeAreRefused(int successes, int trials) {
    assertThatThrownBy(() -> WilsonInterval.of(successes, trials))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(successes));
  }
}
