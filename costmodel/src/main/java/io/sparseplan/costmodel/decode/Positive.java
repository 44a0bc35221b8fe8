package io.sparseplan.costmodel.decode;

/** The rule for every constant of the decode model. */
final class Positive {
  private Positive() {}

  static void require(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException("The %s (%s) must be positive.".formatted(name, value));
    }
  }
}
