package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.RandomCheckpoint;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * ∂L/∂O of every layer against what L does when O is moved: a small random model, with widths that
 * no panel divides, runs again with a random direction added to one layer's attention output.
 */
final class FiniteDifferenceTest {
  private static final int TOKENS = 45;
  private static final float STEP = 1 / 256f;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"MARGIN, true, true", "CE, true, false", "TEMP, false, true", "CE, false, false"})
  void theLossChangesAsItsGradientSays(Objective objective, boolean answers, boolean tied)
      throws IOException {
    RandomCheckpoint.write(directory, tied);
    ModelGeometry geometry = ConfigJson.read(directory.resolve("config.json"));
    try (Workers workers = new Workers(2)) {
      LlamaModel model = LlamaModel.load(geometry, Checkpoint.open(directory), workers);
      int[] ids = new Random(3).ints(TOKENS, 0, geometry.vocabularySize()).toArray();
      var spans = List.of(new AnswerSpan(9, 12), new AnswerSpan(TOKENS - 1, TOKENS));
      var prompt = new Prompt(1, ids, answers ? spans : List.of());
      TileGrid grid = ShippedModel.grid(TOKENS, 16);
      AttentionTiles tiles = AttentionTiles.dense(grid);
      var tape = new ForwardTape();
      Activations states = model.forward(ids, tiles, new BitSet(), tape);
      LossGradient loss = LossGradient.of(prompt, objective, states, model.vocabulary(), workers);
      Map<Integer, float[]> gradients = new HashMap<>();
      model.backward(
          tape,
          tiles,
          loss.states(),
          (seen, gradient, blocks) -> gradients.put(seen.layer(), gradient.rows()));
      assertThat(gradients).hasSize(geometry.layers().count());
      for (int layer = 0; layer < geometry.layers().count(); layer++) {
        LayerDirection.random(layer, TOKENS * geometry.attention().queryWidth())
            .assertSlope(
                gradients.get(layer),
                STEP,
                2e-3,
                added -> lossWith(model, prompt, objective, added));
      }
    }
  }

  /** The loss with something added on the model's way. */
  private static double lossWith(
      LlamaModel model, Prompt prompt, Objective objective, ForwardObserver added) {
    AttentionTiles tiles = AttentionTiles.dense(ShippedModel.grid(TOKENS, 16));
    Activations states = model.forward(prompt.ids(), tiles, new BitSet(), added);
    return LossGradient.of(prompt, objective, states, model.vocabulary(), model.workers()).loss();
  }
}
