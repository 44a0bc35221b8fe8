package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

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
            LayerDirection.random(layer, gradient.length)
                .assertSlope(
                    gradient, STEP, 5e-3, added -> divergenceWith(model, ids, dense, added));
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

  /** The divergence of the sparse model with something added on its way. */
  private static double divergenceWith(
      LlamaModel model, int[] ids, Activations dense, ForwardObserver added) {
    Activations states = model.forward(ids, sparse(model), new BitSet(), added);
    return LossGradient.ofDivergence(dense, states, model.vocabulary(), model.workers()).loss();
  }
}
