package io.sparseplan.search.problem;

/**
 * Whole numbers of a unit that is a power of two, so that changing to and fro rounds only where it
 * says so.
 */
public record FixedPoint(double unit) {
  private static final int FINEST_EXPONENT = -40;
  private static final int TOTAL_BITS = 51;

  public FixedPoint {
    if (!(unit > 0) || unit != Math.scalb(1.0, Math.getExponent(unit))) {
      throw new IllegalArgumentException("The unit (%s) is no power of two.".formatted(unit));
    }
  }

  /** A unit of 2^−40, or the finest in which this total stays below 2^52. */
  public static FixedPoint forTotal(double largestTotal) {
    int exponent = Math.getExponent(Math.max(largestTotal, Double.MIN_NORMAL)) - TOTAL_BITS + 1;
    return new FixedPoint(Math.scalb(1.0, Math.max(FINEST_EXPONENT, exponent)));
  }

  public long down(double value) {
    return (long) Math.floor(value / unit);
  }

  public long nearest(double value) {
    return Math.round(value / unit);
  }

  public long up(double value) {
    return (long) Math.ceil(value / unit);
  }

  public double value(long units) {
    return units * unit;
  }
}
