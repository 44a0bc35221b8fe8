package io.sparseplan.costmodel;

/**
 * Where a fitted constant lies, in its own unit.
 *
 * @param low zero or more
 * @param high at least as much
 */
public record Interval(double low, double high) {
  public Interval {
    if (!(low >= 0 && high >= low && Double.isFinite(high))) {
      throw new IllegalArgumentException(
          "An interval from %s to %s is none of a constant.".formatted(low, high));
    }
  }
}
