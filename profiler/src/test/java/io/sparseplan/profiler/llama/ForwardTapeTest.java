package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a tape keeps a layer's activations shows in memory and time alone. */
final class ForwardTapeTest {
  @ParameterizedTest
  @EnumSource
  void activationsThatAreKeptAndComputedAgainComeToTheSameBits(ArchitectureFixture fixture) {
    try (Workers workers = new Workers(2)) {
      LlamaModel model =
          LlamaModel.load(
              fixture.geometry(),
              Checkpoint.open(fixture.directory()),
              WeightResidency.HELD,
              workers);
      int[] ids = fixture.ids();
      var inputsAlone = new ForwardTape();
      var everything = new ForwardTape(model.geometry(), ids.length);
      List<float[]> again = gradients(model, ids, inputsAlone);
      assertThat(inputsAlone.activations(0)).isEmpty();
      assertThat(gradients(model, ids, everything)).containsExactlyElementsOf(again);
      assertThat(gradientsOnceMore(model, ids, everything))
          .as("a tape can be run back twice")
          .containsExactlyElementsOf(again.subList(1, again.size()));
    }
  }

  /** The hidden states, and the gradients of every layer's attention output. */
  private static List<float[]> gradients(LlamaModel model, int[] ids, ForwardTape tape) {
    var all = new ArrayList<float[]>();
    all.add(model.forward(ids, tiles(ids), new BitSet(), tape).rows());
    all.addAll(gradientsOnceMore(model, ids, tape));
    return all;
  }

  private static List<float[]> gradientsOnceMore(LlamaModel model, int[] ids, ForwardTape tape) {
    var random = new Random(5);
    var gradient = new Activations(new TokenRows(ids.length), model.geometry().hiddenSize());
    for (int token = 0; token < ids.length; token++) {
      for (int i = 0; i < gradient.width(); i++) {
        gradient.data()[gradient.at(token) + i] = (float) random.nextGaussian();
      }
    }
    var all = new ArrayList<float[]>();
    model.backward(
        tape,
        tiles(ids),
        gradient,
        (attention, outputGradient, blocks) -> {
          all.add(attention.q().rows());
          all.add(attention.k().rows());
          all.add(attention.v().rows());
          all.add(outputGradient.rows());
        });
    return all;
  }

  private static AttentionTiles tiles(int[] ids) {
    TileGrid grid = ShippedModel.grid(ids.length, 16);
    return AttentionTiles.dense(grid);
  }
}
