package io.sparseplan.plans.evaluation;

/**
 * Where the share of a population lies, given how many of a sample had it: Wilson's score interval
 * at 95 % (Wilson 1927). It holds for small samples and for shares near 0 and 1, if the trials are
 * independent.
 *
 * @param lower 0..1
 * @param upper 0..1, at least the lower
 */
public record WilsonInterval(double lower, double upper) {
  /** The normal quantile of 97.5 %. */
  private static final double Z = 1.959963984540054;

  public WilsonInterval {
    if (!(0 <= lower && lower <= upper && upper <= 1)) {
      throw new IllegalArgumentException(
          "The interval (%s to %s) is not within 0..1.".formatted(lower, upper));
    }
  }

  /**
   * @param successes 0..trials
   * @param trials at least one
   */
  public static WilsonInterval of(int successes, int trials) {
    if (trials < 1 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "The successes (%d) of %d trials are none.".formatted(successes, trials));
    }
    double share = (double) successes / trials;
    double scale = 1 + Z * Z / trials;
    double center = (share + Z * Z / (2 * trials)) / scale;
    double half =
        Z / scale * Math.sqrt(share * (1 - share) / trials + Z * Z / (4.0 * trials * trials));
    // The ends are exact where all or none succeeded; elsewhere rounding is far from them.
    return new WilsonInterval(
        successes == 0 ? 0 : Math.max(0, center - half),
        successes == trials ? 1 : Math.min(1, center + half));
  }

  /** Whether the two have a share in common. */
  public boolean overlaps(WilsonInterval other) {
    return lower <= other.upper && other.lower <= upper;
  }
}
