package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.profiler.kernel.Activations;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * A random direction in the attention output of one layer, to hold a gradient against what a loss
 * does along it.
 */
record LayerDirection(int layer, float[] direction) {
  /**
   * @param length tokens · width of the output
   */
  static LayerDirection random(int layer, int length) {
    var random = new Random(layer);
    float[] direction = new float[length];
    for (int i = 0; i < length; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    return new LayerDirection(layer, direction);
  }

  /** Adds {@code step · direction} to the layer's attention output as a model runs. */
  ForwardObserver added(float step) {
    return seen -> {
      if (seen.layer() == layer) {
        Activations o = seen.output().o();
        for (int i = 0; i < direction.length; i++) {
          o.data()[o.at(i / o.width()) + i % o.width()] += step * direction[i];
        }
      }
    };
  }

  /**
   * @param gradient of the loss by the layer's attention output
   * @param lossWith runs a model with what is {@link #added}
   * @param tolerance of the slope, of the gradient's norm
   */
  void assertSlope(
      float[] gradient, float step, double tolerance, ToDoubleFunction<ForwardObserver> lossWith) {
    double slope = 0;
    double norm = 0;
    for (int i = 0; i < direction.length; i++) {
      slope += (double) direction[i] * gradient[i];
      norm += Math.pow(gradient[i], 2);
    }
    double near = lossWith.applyAsDouble(added(step)) - lossWith.applyAsDouble(added(-step));
    double far = lossWith.applyAsDouble(added(2 * step)) - lossWith.applyAsDouble(added(-2 * step));
    // Five points: what is left is of the fourth order in the step.
    double measured = (8 * near - far) / (12 * step);
    assertThat(slope)
        .as("layer %d", layer)
        .isCloseTo(measured, within(tolerance * Math.sqrt(norm)));
  }
}
