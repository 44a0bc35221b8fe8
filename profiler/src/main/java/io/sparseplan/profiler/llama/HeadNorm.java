package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;

/**
 * RMS normalisation of each head's vector by itself, between projection and rotation (Qwen3).
 *
 * @param weight one for each element of a head, shared by the heads of the layer; none at all where
 *     heads are not normalised
 */
record HeadNorm(float[] weight) {
  static final HeadNorm NONE = new HeadNorm(new float[0]);

  /**
   * Normalises rows {@code from..end−1}.
   *
   * @param heads {@code [token][head · headDim]}
   * @param scratch at least headDim floats
   */
  void apply(Activations heads, double epsilon, float[] scratch, int from, int end) {
    if (!normalises()) {
      return;
    }
    var norm = new RmsNorm(weight, epsilon);
    for (int token = from; token < end; token++) {
      for (int at = heads.at(token); at < heads.at(token) + heads.width(); at += weight.length) {
        norm.apply(heads.data(), at, scratch);
        System.arraycopy(scratch, 0, heads.data(), at, weight.length);
      }
    }
  }

  /**
   * Turns the gradient of normalised rows into that of the rows.
   *
   * @param heads the rows before {@link #apply}, of a block that starts at row 0
   * @param gradient {@code [token][head · headDim]}, rows {@code from..from+rows−1}
   * @param scratch at least headDim floats
   */
  void takeBack(
      Activations heads,
      Activations gradient,
      double epsilon,
      float[] scratch,
      int from,
      int rows) {
    var norm = new RmsNorm(weight, epsilon);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < heads.width(); i += weight.length) {
        int at = gradient.at(from + r) + i;
        System.arraycopy(gradient.data(), at, scratch, 0, weight.length);
        Arrays.fill(gradient.data(), at, at + weight.length, 0);
        norm.addGradient(heads.data(), heads.at(r) + i, scratch, 0, gradient.data(), at);
      }
    }
  }

  /** Whether heads are normalised at all. */
  boolean normalises() {
    return weight.length > 0;
  }
}
