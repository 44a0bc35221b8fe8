package io.sparseplan.search.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CholeskyFactorTest {
  private static final double[][] MATRIX = {{4, 2, 0.4}, {2, 5, 1}, {0.4, 1, 3}};

  @Test
  void solvesWhatTheMatrixTimesXIs() {
    double[] x = {1, -2, 0.5};
    double[] b = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        b[row] += MATRIX[row][column] * x[column];
      }
    }
    assertThat(CholeskyFactor.of(MATRIX).solve(b)).containsExactly(x, within(1e-12));
  }

  @Test
  void timesUnitVectorsAreTheColumnsOfTheRoot() {
    CholeskyFactor factor = CholeskyFactor.of(MATRIX);
    double[] first = factor.times(new double[] {1, 0, 0});
    assertThat(first).containsExactly(new double[] {2, 1, 0.2}, within(1e-12));
  }

  @Test
  void refusesAMatrixThatIsNotPositiveDefinite() {
    assertThatThrownBy(() -> CholeskyFactor.of(new double[][] {{1, 2}, {2, 1}}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
