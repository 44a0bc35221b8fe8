package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.LaneSum;
import io.sparseplan.profiler.kernel.MicroKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Root mean square normalisation (arXiv 1910.07467): y = x ÷ √(mean(x²) + ε) · weight. */
final class RmsNorm {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final float[] weight;
  private final double epsilon;

  RmsNorm(float[] weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
  }

  void apply(float[] x, int xAt, float[] y) {
    int bound = SPECIES.loopBound(weight.length);
    FloatVector sums = FloatVector.zero(SPECIES);
    for (int i = 0; i < bound; i += MicroKernel.LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      sums = v.fma(v, sums);
    }
    double squares = LaneSum.of(sums);
    for (int i = bound; i < weight.length; i++) {
      squares += (double) x[xAt + i] * x[xAt + i];
    }
    float scale = (float) (1 / Math.sqrt(squares / weight.length + epsilon));
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
}
