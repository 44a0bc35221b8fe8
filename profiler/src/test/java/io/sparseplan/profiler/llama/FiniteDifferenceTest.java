package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
        float[] direction = direction(layer, geometry.attention().queryWidth());
        double slope = 0;
        double norm = 0;
        for (int i = 0; i < direction.length; i++) {
          slope += (double) direction[i] * gradients.get(layer)[i];
          norm += Math.pow(gradients.get(layer)[i], 2);
        }
        double near =
            lossWith(model, prompt, objective, layer, direction, STEP)
                - lossWith(model, prompt, objective, layer, direction, -STEP);
        double far =
            lossWith(model, prompt, objective, layer, direction, 2 * STEP)
                - lossWith(model, prompt, objective, layer, direction, -2 * STEP);
        // Five points: what is left is of the fourth order in the step.
        double measured = (8 * near - far) / (12 * STEP);
        assertThat(slope).as("layer %d", layer).isCloseTo(measured, within(2e-3 * Math.sqrt(norm)));
      }
    }
  }

  private static float[] direction(int layer, int width) {
    var random = new Random(layer);
    float[] direction = new float[TOKENS * width];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    return direction;
  }

  /** The loss with {@code step · direction} added to the attention output of one layer. */
  private static double lossWith(
      LlamaModel model,
      Prompt prompt,
      Objective objective,
      int layer,
      float[] direction,
      float step) {
    AttentionTiles tiles = AttentionTiles.dense(ShippedModel.grid(TOKENS, 16));
    Activations states =
        model.forward(
            prompt.ids(),
            tiles,
            new BitSet(),
            seen -> {
              if (seen.layer() == layer) {
                Activations o = seen.output().o();
                for (int i = 0; i < direction.length; i++) {
                  o.data()[o.at(i / o.width()) + i % o.width()] += step * direction[i];
                }
              }
            });
    return LossGradient.of(prompt, objective, states, model.vocabulary(), model.workers()).loss();
  }
}
