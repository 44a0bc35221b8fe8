package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

/** ‖ours − reference‖ ÷ ‖reference‖. */
final class RelativeError {
  private RelativeError() {}

  static double of(float[] ours, float[] reference) {
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
