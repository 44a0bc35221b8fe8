package io.sparseplan.profiler.gpu;

/** Sums up how far computed rows are from reference rows: ‖got − want‖ ÷ ‖want‖ over all. */
final class SquaredErrors {
  /**
   * Weights are rounded to bf16 before the second product, and outputs after it. Each error is
   * spread evenly over at most ±2⁻⁸ of its number, so its root mean square is 2⁻⁸ ÷ √3; the two are
   * independent.
   */
  static final double BF16_BOUND = Math.sqrt(2.0 / 3) * Math.scalb(1.0, -8);

  private double error;
  private double norm;

  void add(short[] got, int at, double[] want) {
    for (int d = 0; d < want.length; d++) {
      double difference = Bf16.toFloat(got[at + d]) - want[d];
      error += difference * difference;
      norm += want[d] * want[d];
    }
  }

  double relative() {
    return Math.sqrt(error / norm);
  }
}
