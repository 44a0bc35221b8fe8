package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WilsonIntervalTest {
  @Test
  void agreesWithTheIntervalThatResearchQuotesFor48Of54() {
    var interval = WilsonInterval.of(48 / 54.0, 54);

    assertThat(interval.low()).isCloseTo(0.78, within(0.005));
    assertThat(interval.high()).isCloseTo(0.95, within(0.005));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "0.5, 2", "1, 54", "0, 1000", "0.25, 400"})
  void eachEndIsWhereTheShareIsJustTwoErrorsAway(double share, int trials) {
    var interval = WilsonInterval.of(share, trials);

    assertThat(interval.low()).isBetween(0.0, share + 1e-15);
    assertThat(interval.high()).isBetween(share - 1e-15, 1.0);
    for (double end : new double[] {interval.low(), interval.high()}) {
      double error = Math.sqrt(end * (1 - end) / trials);
      assertThat(Math.abs(share - end)).isCloseTo(1.959963984540054 * error, within(1e-9));
    }
  }
}
