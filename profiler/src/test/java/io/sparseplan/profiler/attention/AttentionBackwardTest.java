package io.sparseplan.profiler.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gradients of the projections against central differences of attention from its definition.
 */
final class AttentionBackwardTest {
  /** Rounding of float32 where a gradient is 0: numbers here are of the order of 10. */
  private static final double FLOAT_NOISE = 1e-5;

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "16, 16, 8", "50, 16, 18", "41, 7, 10", "37, 100, 4", "45, 20, 32"})
  void gradientsOfTheProjectionsAreThoseOfTheDefinition(int tokens, int tile, int headDim) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, headDim, workers);
      RandomLayer.Backward backward = layer.backward(layer.dense(workers), workers);
      assertGradients("q", layer, layer.q, backward.projections().q(), backward.outputGradient());
      assertGradients("k", layer, layer.k, backward.projections().k(), backward.outputGradient());
      assertGradients("v", layer, layer.v, backward.projections().v(), backward.outputGradient());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "50, 16, 18", "45, 20, 32"})
  void blocksAreTheSameWhereTheGradientIsTakenNoFurther(int tokens, int tile, int headDim) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, headDim, workers);
      LayerAttention dense = layer.dense(workers);
      RandomLayer.Backward backward = layer.backward(dense, workers);
      assertThat(layer.blocks(dense, backward.outputGradient(), workers))
          .usingRecursiveComparison()
          .isEqualTo(backward.blocks());
    }
  }

  @Test
  void rowsWithoutGradientAddNothingAndAreWeighedAllTheSame() {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(150, 40, 8, workers);
      LayerAttention dense = layer.dense(workers);
      RandomLayer.Backward every = layer.backward(dense, workers);
      Activations ofSomeRows = every.outputGradient();
      for (int token = 0; token < 150; token++) {
        if (token < 80 || token >= 120) {
          int at = ofSomeRows.at(token);
          Arrays.fill(ofSomeRows.data(), at, at + ofSomeRows.width(), 0);
        }
      }
      RandomLayer.Backward some = layer.backward(dense, ofSomeRows, workers);
      assertGradients("q", layer, layer.q, some.projections().q(), ofSomeRows);
      assertGradients("k", layer, layer.k, some.projections().k(), ofSomeRows);
      assertGradients("v", layer, layer.v, some.projections().v(), ofSomeRows);
      for (int head = 0; head < 4; head++) {
        AttentionBlocks found = some.blocks().get(head);
        AttentionBlocks expected = every.blocks().get(head);
        assertThat(found.mass()).isDeepEqualTo(expected.mass());
        assertThat(found.entropyBits()).isEqualTo(expected.entropyBits());
        assertThat(found.influence()[2]).isEqualTo(expected.influence()[2]);
        assertThat(found.influence()[1]).containsOnly(0);
        assertThat(found.influence()[3]).containsOnly(0);
      }
    }
  }

  @Test
  void gradientsDoNotDependOnTheNumberOfThreads() {
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      var layer = new RandomLayer(150, 16, 8, one);
      LayerAttention dense = layer.dense(one);
      RandomLayer.Backward first = layer.backward(dense, one);
      RandomLayer.Backward second = layer.backward(dense, three);
      assertThat(second.projections().q().rows()).isEqualTo(first.projections().q().rows());
      assertThat(second.projections().k().rows()).isEqualTo(first.projections().k().rows());
      assertThat(second.projections().v().rows()).isEqualTo(first.projections().v().rows());
      assertThat(second.blocks()).usingRecursiveComparison().isEqualTo(first.blocks());
    }
  }

  /** Along eight directions of a single number each, spread over tokens and heads. */
  private static void assertGradients(
      String name,
      RandomLayer layer,
      Activations projection,
      Activations found,
      Activations outputGradient) {
    double scale = 0;
    for (float gradient : found.rows()) {
      scale = Math.max(scale, Math.abs(gradient));
    }
    for (int n = 0; n < 8; n++) {
      int token = n * (projection.tokens() - 1) / 7;
      int at = projection.at(token) + n * 5 % projection.width();
      float center = projection.data()[at];
      float step = 1 / 256f;
      projection.data()[at] = center + step;
      double above = loss(layer, outputGradient);
      projection.data()[at] = center - step;
      double below = loss(layer, outputGradient);
      double width = (double) (center + step) - (center - step);
      projection.data()[at] = center;
      assertThat((double) found.data()[at])
          .as("%s of token %d", name, token)
          .isCloseTo((above - below) / width, within(1e-3 * scale + FLOAT_NOISE));
    }
  }

  /** ⟨G, O⟩ over all rows and heads, in double. */
  private static double loss(RandomLayer layer, Activations outputGradient) {
    // The layer's own reference keeps rotated rows, and here one number of them is changed.
    var naive = new NaiveAttention(layer.shape, layer.rope, layer.q, layer.k, layer.v);
    double sum = 0;
    for (int head = 0; head < layer.shape.queryHeads().count(); head++) {
      for (int query = 0; query < layer.grid.length().count(); query++) {
        double[] weights = naive.weights(head, query, new Dense(), layer.grid);
        double[] output = naive.output(head, weights);
        sum +=
            naive.dotWithGradient(head, query, outputGradient, output, new double[output.length]);
      }
    }
    return sum;
  }
}
