package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;
import java.util.stream.Stream;

/**
 * The bias of a linear layer.
 *
 * @param values one for each output, or none at all where the layer has no bias
 */
record Bias(float[] values) {
  static final Bias NONE = new Bias(new float[0]);

  /** Of layers whose outputs lie side by side; all of them have a bias, or none. */
  static Bias sideBySide(Bias... biases) {
    float[] all = new float[Stream.of(biases).mapToInt(bias -> bias.values.length).sum()];
    int at = 0;
    for (Bias bias : biases) {
      System.arraycopy(bias.values, 0, all, at, bias.values.length);
      at += bias.values.length;
    }
    return new Bias(all);
  }

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
