package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;

/**
 * The bias of a linear layer.
 *
 * @param values one for each output, or none at all where the layer has no bias
 */
record Bias(float[] values) {
  static final Bias NONE = new Bias(new float[0]);

  /** Adds it to rows {@code from..end−1}. */
  void addTo(Activations y, int from, int end) {
    for (int row = from; row < end; row++) {
      int at = y.at(row);
      for (int i = 0; i < values.length; i++) {
        y.data()[at + i] += values[i];
      }
    }
  }
}
