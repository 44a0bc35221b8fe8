package io.sparseplan.profiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.profiler.kernel.Activations;

/** How far two arrays are apart. */
public final class Difference {
  private Difference() {}

  /** The data without padding. */
  public static float[] rows(Activations activations) {
    float[] rows = new float[activations.tokens() * activations.width()];
    for (int token = 0; token < activations.tokens(); token++) {
      System.arraycopy(
          activations.data(),
          activations.at(token),
          rows,
          token * activations.width(),
          activations.width());
    }
    return rows;
  }

  /** ‖ours − reference‖ ÷ ‖reference‖. */
  public static double relative(float[] ours, float[] reference) {
    assertThat(ours).hasSameSizeAs(reference);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < ours.length; i++) {
      difference += Math.pow(ours[i] - reference[i], 2);
      norm += Math.pow(reference[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
