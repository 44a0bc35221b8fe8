package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.evaluate.TokenScores;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our forward pass against transformers' on the same weights and tokens, both in float32. */
final class PyTorchReferenceTest {
  private static final double RELATIVE = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "LLAMA_1M,  0 2 3, q_proj k_proj v_proj attn_out",
    "LLAMA_16M, 0,     k_proj v_proj",
    "LLAMA_16M, 9,     attn_out_last64",
  })
  void projectionsAndAttentionOutputEqualPyTorchs(ShippedModel model, String layers, String names) {
    try (Workers workers = new Workers(2)) {
      Map<String, float[]> computed = new HashMap<>();
      forward(
          model,
          workers,
          attention -> {
            String layer = "layer" + attention.layer() + ".";
            computed.put(layer + "q_proj", attention.q().rows());
            computed.put(layer + "k_proj", attention.k().rows());
            computed.put(layer + "v_proj", attention.v().rows());
            computed.put(layer + "attn_out", attention.output().o().rows());
          });
      for (String layer : layers.split(" ")) {
        for (String name : names.split(" ")) {
          String tensor = "layer" + layer + "." + name;
          float[] reference = model.reference(tensor);
          float[] all = computed.get(tensor.replaceFirst("_last\\d+$", ""));
          assertThat(Difference.relative(lastOf(all, reference.length), reference))
              .as(tensor)
              .isLessThan(RELATIVE);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LLAMA_1M, 16", "LLAMA_16M, 8"})
  void lastLogitsEqualPyTorchs(ShippedModel model, int rows) {
    try (Workers workers = new Workers(2)) {
      Forward forward = forward(model, workers, ForwardObserver.NONE);
      Vocabulary vocabulary = forward.model.vocabulary();
      int tokens = forward.ids.length;
      float[] logits = vocabulary.logits().of(forward.states, tokens - rows, tokens).rows();
      assertThat(
              Difference.relative(
                  Arrays.copyOf(logits, rows * vocabulary.size()),
                  model.reference("logits_last" + rows)))
          .isLessThan(RELATIVE);
    }
  }

  @ParameterizedTest
  @CsvSource({"LLAMA_1M", "LLAMA_16M"})
  void tokenLossesEqualPyTorchs(ShippedModel model) {
    try (Workers workers = new Workers(2)) {
      Forward forward = forward(model, workers, ForwardObserver.NONE);
      double[] loss =
          TokenScores.of(forward.states, forward.ids, forward.model.vocabulary(), workers).loss();
      float[] reference = model.reference("token_loss");
      assertThat(loss).hasSameSizeAs(reference);
      double meanReference = 0;
      for (int t = 0; t < loss.length; t++) {
        assertThat(loss[t]).as("token %d", t).isCloseTo(reference[t], within(1e-3));
        meanReference += reference[t] / (double) reference.length;
      }
      assertThat(Arrays.stream(loss).average().orElseThrow())
          .isCloseTo(meanReference, within(1e-4));
    }
  }

  @ParameterizedTest
  @CsvSource({"LLAMA_1M, 32", "LLAMA_1M, 96", "LLAMA_1M, 100", "LLAMA_1M, 256", "LLAMA_16M, 64"})
  void attentionDoesNotDependOnTheTile(ShippedModel model, int tile) {
    try (Workers workers = new Workers(2)) {
      int layer = model == ShippedModel.LLAMA_1M ? 3 : 9;
      float[] reference =
          model.reference(
              model == ShippedModel.LLAMA_1M ? "layer3.attn_out" : "layer9.attn_out_last64");
      Map<Integer, float[]> outputs = new HashMap<>();
      run(model, workers, tile, seen -> outputs.put(seen.layer(), seen.output().o().rows()));
      assertThat(Difference.relative(lastOf(outputs.get(layer), reference.length), reference))
          .isLessThan(RELATIVE);
    }
  }

  private static float[] lastOf(float[] values, int count) {
    return Arrays.copyOfRange(values, values.length - count, values.length);
  }

  private static org.assertj.core.data.Offset<Double> within(double value) {
    return org.assertj.core.data.Offset.offset(value);
  }

  private record Forward(LlamaModel model, int[] ids, Activations states) {}

  private static Forward forward(ShippedModel model, Workers workers, ForwardObserver observer) {
    return run(model, workers, 128, observer);
  }

  private static Forward run(
      ShippedModel shipped, Workers workers, int tile, ForwardObserver observer) {
    LlamaModel model = shipped.load(workers);
    int[] ids = shipped.referenceIds();
    TileGrid grid = ShippedModel.grid(ids.length, tile);
    Activations states = model.forward(ids, AttentionTiles.dense(grid), new BitSet(), observer);
    return new Forward(model, ids, states);
  }
}
