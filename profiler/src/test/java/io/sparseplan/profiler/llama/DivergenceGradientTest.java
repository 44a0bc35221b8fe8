package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadPatterns;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.objective.LossGradient;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * ∂KL(dense ‖ sparse)/∂O at a sparse plan of llama-1m against what the KL does when O is moved in a
 * random direction there.
 */
final class DivergenceGradientTest {
  private static final int TOKENS = 200;
  private static final TileGrid GRID = ShippedModel.grid(TOKENS, 16);
  private static final float STEP = 1 / 1024f;

  private static AttentionTiles sparse(LlamaModel model) {
    return AttentionTiles.everyLayer(
        IntStream.range(0, model.geometry().attention().queryHeads().count())
            .mapToObj(head -> new ElasticSpan(Tokens.of(16 * (head % 2)), Tokens.of(16 + head), 0))
            .map(HeadPatterns::both)
            .toList(),
        GRID);
  }

  @Test
  void theDivergenceOfASparsePlanChangesAsItsGradientSays() {
    try (Workers workers = new Workers(2)) {
      LlamaModel model = ShippedModel.LLAMA_1M.load(workers);
      int[] ids = Arrays.copyOf(ShippedModel.LLAMA_1M.referenceIds(), TOKENS);
      Activations dense =
          model.forward(ids, AttentionTiles.dense(GRID), new BitSet(), ForwardObserver.NONE);
      AttentionTiles tiles = sparse(model);
      var tape = new ForwardTape();
      Activations states = model.forward(ids, tiles, new BitSet(), tape);
      LossGradient divergence =
          LossGradient.ofDivergence(dense, states, model.vocabulary(), workers);
      assertThat(divergence.loss()).isGreaterThan(0.01);
      Map<Integer, float[]> gradients = new HashMap<>();
      model.backward(
          tape,
          tiles,
          divergence.states(),
          (seen, gradient, blocks) -> gradients.put(seen.layer(), gradient.rows()));
      assertThat(gradients).hasSize(model.geometry().layers().count());
      gradients.forEach(
          (layer, gradient) -> {
            float[] direction = direction(layer, gradient.length);
            double slope = 0;
            double norm = 0;
            for (int i = 0; i < direction.length; i++) {
              slope += (double) direction[i] * gradient[i];
              norm += Math.pow(gradient[i], 2);
            }
            double near =
                divergenceWith(model, ids, dense, layer, direction, STEP)
                    - divergenceWith(model, ids, dense, layer, direction, -STEP);
            double far =
                divergenceWith(model, ids, dense, layer, direction, 2 * STEP)
                    - divergenceWith(model, ids, dense, layer, direction, -2 * STEP);
            double measured = (8 * near - far) / (12 * STEP);
            assertThat(slope)
                .as("layer %d", layer)
                .isCloseTo(measured, within(5e-3 * Math.sqrt(norm)));
          });
    }
  }

  @Test
  void aModelDoesNotDivergeFromItself() {
    try (Workers workers = new Workers(2)) {
      LlamaModel model = ShippedModel.LLAMA_1M.load(workers);
      int[] ids = Arrays.copyOf(ShippedModel.LLAMA_1M.referenceIds(), TOKENS);
      Activations states = model.forward(ids, sparse(model), new BitSet(), ForwardObserver.NONE);
      LossGradient divergence =
          LossGradient.ofDivergence(states, states, model.vocabulary(), workers);
      assertThat(divergence.loss()).isLessThan(1e-6);
      assertThat(divergence.states().rows()).containsOnly(0);
    }
  }

  private static float[] direction(int layer, int length) {
    var random = new Random(layer);
    float[] direction = new float[length];
    for (int i = 0; i < length; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    return direction;
  }

  /** The divergence with {@code step · direction} added to the attention output of one layer. */
  private static double divergenceWith(
      LlamaModel model, int[] ids, Activations dense, int layer, float[] direction, float step) {
    Activations states =
        model.forward(
            ids,
            sparse(model),
            new BitSet(),
            seen -> {
              if (seen.layer() == layer) {
                Activations o = seen.output().o();
                for (int i = 0; i < direction.length; i++) {
                  o.data()[o.at(i / o.width()) + i % o.width()] += step * direction[i];
                }
              }
            });
    return LossGradient.ofDivergence(dense, states, model.vocabulary(), model.workers()).loss();
  }
}
