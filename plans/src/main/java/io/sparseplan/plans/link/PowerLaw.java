package io.sparseplan.plans.link;

import java.util.List;

/**
 * y = factor · x^exponent, which rises: a straight line through the logarithms.
 *
 * @param factor y at x = 1
 */
public record PowerLaw(double factor, double exponent) {
  /** Logarithms of the same x differ by rounding alone. */
  private static final double LEAST_SPREAD = 1e-9;

  public PowerLaw {
    if (!(factor > 0 && Double.isFinite(factor) && exponent > 0 && Double.isFinite(exponent))) {
      throw new IllegalArgumentException(
          "The factor (%s) and the exponent (%s) must be positive.".formatted(factor, exponent));
    }
  }

  /** Where the law is to pass by; both are positive. */
  public record Point(double x, double y) {
    public Point {
      if (!(x > 0 && Double.isFinite(x) && y > 0 && Double.isFinite(y))) {
        throw new IllegalArgumentException(
            "The point (%s, %s) must be positive in both.".formatted(x, y));
      }
    }
  }

  /**
   * Least squares of the logarithms.
   *
   * @throws IllegalArgumentException if all points have the same x, or y falls with it
   */
  public static PowerLaw through(List<Point> points) {
    double meanX = points.stream().mapToDouble(p -> StrictMath.log(p.x)).average().orElseThrow();
    double meanY = points.stream().mapToDouble(p -> StrictMath.log(p.y)).average().orElseThrow();
    double spread = 0;
    double together = 0;
    for (Point point : points) {
      double x = StrictMath.log(point.x) - meanX;
      spread += x * x;
      together += x * (StrictMath.log(point.y) - meanY);
    }
    if (spread < LEAST_SPREAD) {
      throw new IllegalArgumentException("All points stand at %s.".formatted(points.getFirst().x));
    }
    double exponent = together / spread;
    return new PowerLaw(StrictMath.exp(meanY - exponent * meanX), exponent);
  }

  /** The law at x, which is not negative. */
  public double at(double x) {
    return factor * StrictMath.pow(x, exponent);
  }

  /** The x where the law is y, which is not negative. */
  public double inverseAt(double y) {
    return StrictMath.pow(y / factor, 1 / exponent);
  }
}
