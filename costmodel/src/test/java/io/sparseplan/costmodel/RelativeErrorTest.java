package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelativeErrorTest {
  @Test
  void oneLaunchIsItsOwnMeanAndPercentile() {
    assertThat(RelativeError.of(new double[] {0.02})).isEqualTo(new RelativeError(2, 2));
  }

  @Test
  void thePercentileLiesBetweenRanksAsInNumPy() {
    // numpy.percentile([0.04, 0.01, 0.02, 0.03], 95) = 0.0385
    assertThat(RelativeError.of(new double[] {0.04, 0.01, 0.02, 0.03}))
        .isEqualTo(new RelativeError(2.5, 3.85));
  }

  @Test
  void ofAHundredAndOneLaunchesFiveAreWorseThanThePercentile() {
    double[] errors = IntStream.rangeClosed(0, 100).mapToDouble(i -> i / 1000.0).toArray();
    assertThat(RelativeError.of(errors).p95Percent()).isEqualTo(9.5);
  }
}
