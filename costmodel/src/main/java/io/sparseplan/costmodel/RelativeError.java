package io.sparseplan.costmodel;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/**
 * |predicted − measured| ÷ measured over some measured launches, in percent.
 *
 * @param p95Percent the 95th percentile, interpolated linearly between ranks (NumPy's default)
 */
public record RelativeError(double meanPercent, double p95Percent) {
  private static final MathContext DIGITS = new MathContext(4);

  public RelativeError {
    if (!(meanPercent >= 0 && p95Percent >= 0)) {
      throw new IllegalArgumentException(
          "The errors (mean %s %%, 95th percentile %s %%) must be zero or more."
              .formatted(meanPercent, p95Percent));
    }
  }

  /**
   * To four digits.
   *
   * @param absoluteErrors |predicted − measured| ÷ measured of each launch, at least one
   */
  public static RelativeError of(double[] absoluteErrors) {
    double[] ascending = absoluteErrors.clone();
    Arrays.sort(ascending);
    double rank = 0.95 * (ascending.length - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, ascending.length - 1);
    double p95 = ascending[below] + (rank - below) * (ascending[above] - ascending[below]);
    double mean = Arrays.stream(ascending).average().orElseThrow();
    return new RelativeError(percent(mean), percent(p95));
  }

  private static double percent(double ratio) {
    return new BigDecimal(100 * ratio).round(DIGITS).doubleValue();
  }
}
