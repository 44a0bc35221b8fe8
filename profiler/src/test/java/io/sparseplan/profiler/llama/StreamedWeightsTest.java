package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.ConfigJson;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.RandomCheckpoint;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.Prompt;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that are read when they are needed, against weights that are held. */
final class StreamedWeightsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void everyArchitectureComesToTheSameBits(ArchitectureFixture fixture) {
    assertSame(fixture.geometry(), Checkpoint.open(fixture.directory()), fixture.ids());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void widthsThatNoPanelDividesComeToTheSameBits(boolean tied) throws IOException {
    RandomCheckpoint.write(directory, tied);
    int[] ids = new Random(3).ints(50, 0, 53).toArray();
    ModelGeometry geometry = ConfigJson.read(directory.resolve("config.json"));
    assertSame(geometry, Checkpoint.open(directory), ids);
  }

  private static void assertSame(ModelGeometry geometry, Checkpoint checkpoint, int[] ids) {
    try (Workers workers = new Workers(2)) {
      List<float[]> held =
          everything(LlamaModel.load(geometry, checkpoint, WeightResidency.HELD, workers), ids);
      List<float[]> streamed =
          everything(LlamaModel.load(geometry, checkpoint, WeightResidency.STREAMED, workers), ids);
      assertThat(streamed).containsExactlyElementsOf(held);
    }
  }

  /** The hidden states, their gradient and that of every layer's attention output. */
  private static List<float[]> everything(LlamaModel model, int[] ids) {
    TileGrid grid = ShippedModel.grid(ids.length, 16);
    AttentionTiles tiles = AttentionTiles.dense(grid);
    var tape = new ForwardTape();
    Activations states = model.forward(ids, tiles, new BitSet(), tape);
    var all = new ArrayList<float[]>();
    all.add(states.rows());
    LossGradient loss =
        LossGradient.of(
            new Prompt(1, ids, List.of()),
            Objective.CE,
            states,
            model.vocabulary(),
            model.workers());
    all.add(loss.states().rows());
    model.backward(
        tape, tiles, loss.states(), (attention, gradient, blocks) -> all.add(gradient.rows()));
    all.add(loss.states().rows());
    return all;
  }

  @Test
  void aValueThatIsNotFiniteIsFoundWhenItIsRead() throws IOException {
    RandomCheckpoint.write(directory, false);
    try (var file = new RandomAccessFile(directory.resolve("model.safetensors").toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.write(new byte[] {0, 0, (byte) 0xc0, 0x7f});
    }
    ModelGeometry geometry = ConfigJson.read(directory.resolve("config.json"));
    Checkpoint checkpoint = Checkpoint.open(directory);
    try (Workers workers = new Workers(2)) {
      LlamaModel model = LlamaModel.load(geometry, checkpoint, WeightResidency.STREAMED, workers);
      assertThatThrownBy(() -> everything(model, new int[] {1, 2, 3}))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("lm_head.weight has a value (NaN) at element");
    }
  }
}
