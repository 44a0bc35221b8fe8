package io.sparseplan.profiler.llama;

/** Root mean square normalisation (arXiv 1910.07467): y = x ÷ √(mean(x²) + ε) · weight. */
final class RmsNorm {
  private final float[] weight;
  private final double epsilon;

  RmsNorm(float[] weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
  }

  void apply(float[] x, int xAt, float[] y) {
    double squares = 0;
    for (int i = 0; i < weight.length; i++) {
      squares += (double) x[xAt + i] * x[xAt + i];
    }
    float scale = (float) (1 / Math.sqrt(squares / weight.length + epsilon));
    for (int i = 0; i < weight.length; i++) {
      y[i] = x[xAt + i] * scale * weight[i];
    }
  }
}
