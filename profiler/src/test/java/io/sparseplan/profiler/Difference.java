package io.sparseplan.profiler;

import static org.assertj.core.api.Assertions.assertThat;

/** How far two arrays are apart. */
public final class Difference {
  private Difference() {}

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
