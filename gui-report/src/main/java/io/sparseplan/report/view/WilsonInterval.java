package io.sparseplan.report.view;

/**
 * The 95 % score interval of a share (Wilson 1927): unlike ± 2 standard errors it stays inside 0..1
 * and is not empty where every answer is right.
 */
record WilsonInterval(double low, double high) {
  private static final double Z = 1.959963984540054;

  /**
   * @param share of {@code trials} that succeeded, 0..1
   */
  static WilsonInterval of(double share, int trials) {
    double squared = Z * Z / trials;
    double centre = (share + squared / 2) / (1 + squared);
    double half =
        Z / (1 + squared) * Math.sqrt(share * (1 - share) / trials + squared / (4 * trials));
    return new WilsonInterval(Math.max(0, centre - half), Math.min(1, centre + half));
  }
}
