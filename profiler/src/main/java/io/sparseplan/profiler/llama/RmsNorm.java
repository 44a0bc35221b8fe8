package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.LaneSum;
import io.sparseplan.profiler.kernel.MicroKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Root mean square normalisation (arXiv 1910.07467): y = x ÷ √(mean(x²) + ε) · weight. */
final class RmsNorm {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final float[] weight;
  private final double epsilon;

  RmsNorm(float[] weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
  }

  void apply(float[] x, int xAt, float[] y) {
    int bound = FloatLanes.bound(weight.length);
    float scale = (float) scaleOf(x, xAt);
    for (int i = 0; i < bound; i += MicroKernel.LANES) {
      FloatVector.fromArray(SPECIES, x, xAt + i)
          .mul(scale)
          .mul(FloatVector.fromArray(SPECIES, weight, i))
          .intoArray(y, i);
    }
    for (int i = bound; i < weight.length; i++) {
      y[i] = x[xAt + i] * scale * weight[i];
    }
  }

  /**
   * Adds ∂L/∂x to {@code xGradient}: with r = 1 ÷ √(mean(x²) + ε), it is r · (weight · g − x · r² ·
   * mean(g · weight · x)).
   *
   * @param yGradient ∂L/∂y, from {@code yGradientAt} on
   */
  void addGradient(
      float[] x, int xAt, float[] yGradient, int yGradientAt, float[] xGradient, int xGradientAt) {
    int bound = FloatLanes.bound(weight.length);
    double r = scaleOf(x, xAt);
    double dot = 0;
    for (int first = 0; first < FloatLanes.WIDEST; first += MicroKernel.LANES) {
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = first; i < bound; i += FloatLanes.WIDEST) {
        sums =
            FloatVector.fromArray(SPECIES, yGradient, yGradientAt + i)
                .mul(FloatVector.fromArray(SPECIES, weight, i))
                .fma(FloatVector.fromArray(SPECIES, x, xAt + i), sums);
      }
      dot = LaneSum.add(dot, sums);
    }
    for (int i = bound; i < weight.length; i++) {
      dot += (double) yGradient[yGradientAt + i] * weight[i] * x[xAt + i];
    }
    float scale = (float) r;
    float pull = (float) (-r * r * r * dot / weight.length);
    for (int i = 0; i < bound; i += MicroKernel.LANES) {
      FloatVector.fromArray(SPECIES, yGradient, yGradientAt + i)
          .mul(FloatVector.fromArray(SPECIES, weight, i))
          .mul(scale)
          .add(FloatVector.fromArray(SPECIES, x, xAt + i).mul(pull))
          .add(FloatVector.fromArray(SPECIES, xGradient, xGradientAt + i))
          .intoArray(xGradient, xGradientAt + i);
    }
    for (int i = bound; i < weight.length; i++) {
      xGradient[xGradientAt + i] +=
          yGradient[yGradientAt + i] * weight[i] * scale + x[xAt + i] * pull;
    }
  }

  private double scaleOf(float[] x, int xAt) {
    int bound = FloatLanes.bound(weight.length);
    double squares = 0;
    for (int first = 0; first < FloatLanes.WIDEST; first += MicroKernel.LANES) {
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = first; i < bound; i += FloatLanes.WIDEST) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
        sums = v.fma(v, sums);
      }
      squares = LaneSum.add(squares, sums);
    }
    for (int i = bound; i < weight.length; i++) {
      squares += (double) x[xAt + i] * x[xAt + i];
    }
    return 1 / Math.sqrt(squares / weight.length + epsilon);
  }
}
