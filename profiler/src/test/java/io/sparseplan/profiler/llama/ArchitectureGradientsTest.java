package io.sparseplan.profiler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.ArchitectureFixture;
import io.sparseplan.profiler.Difference;
import io.sparseplan.profiler.ShippedModel;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our backward pass of each architecture against PyTorch's, both in float32. */
final class ArchitectureGradientsTest {
  private static final double RELATIVE = 1e-4;

  @ParameterizedTest
  @EnumSource
  void gradientsOfAttentionOutputsAndOfSoftmaxWeightsEqualPyTorchs(ArchitectureFixture fixture) {
    for (int tile : new int[] {8, 16, 128}) {
      Map<String, float[]> gradients = gradients(fixture, tile);
      assertThat(gradients)
          .containsOnlyKeys("layer0.attn_out_grad", "layer1.attn_out_grad", "attention_grad");
      gradients.forEach(
          (name, gradient) ->
              assertThat(Difference.relative(gradient, fixture.reference(name)))
                  .as("%s, tile %d", name, tile)
                  .isLessThan(RELATIVE));
    }
  }

  private static Map<String, float[]> gradients(ArchitectureFixture fixture, int tile) {
    Map<String, float[]> gradients = new HashMap<>();
    try (Workers workers = new Workers(2)) {
      LlamaModel model = fixture.load(workers);
      int[] ids = fixture.ids();
      TileGrid grid = ShippedModel.grid(ids.length, tile);
      AttentionTiles tiles = AttentionTiles.dense(grid);
      var tape = new ForwardTape();
      Activations states = model.forward(ids, tiles, new BitSet(), tape);
      model.backward(
          tape,
          tiles,
          gradientOfMeanLoss(fixture, model, ids, states),
          (attention, outputGradient, blocks) -> {
            gradients.put("layer" + attention.layer() + ".attn_out_grad", outputGradient.rows());
            if (attention.layer() == ArchitectureFixture.LAYER) {
              gradients.put("attention_grad", ofWeights(fixture, outputGradient, attention.v()));
            }
          });
    }
    return gradients;
  }

  /** ∂L/∂(hidden states): softmax less the token that follows, times the output layer. */
  private static Activations gradientOfMeanLoss(
      ArchitectureFixture fixture, LlamaModel model, int[] ids, Activations states) {
    float[] outputLayer = fixture.outputLayer();
    int hidden = model.geometry().hiddenSize();
    int positions = ids.length - 1;
    var gradient = new Activations(new TokenRows(ids.length), hidden);
    Vocabulary vocabulary = model.vocabulary();
    Vocabulary.Logits scratch = vocabulary.logits();
    for (int t = 0; t < positions; t++) {
      Activations logits = scratch.of(states, t, t + 1);
      double sum = 0;
      for (int id = 0; id < vocabulary.size(); id++) {
        sum += Math.exp(logits.data()[id]);
      }
      for (int id = 0; id < vocabulary.size(); id++) {
        double share = Math.exp(logits.data()[id]) / sum - (id == ids[t + 1] ? 1 : 0);
        for (int i = 0; i < hidden; i++) {
          gradient.data()[gradient.at(t) + i] +=
              (float) (share / positions * outputLayer[id * hidden + i]);
        }
      }
    }
    return gradient;
  }

  /** ∂L/∂A = ∂L/∂O · Vᵀ for one head, its last rows. */
  private static float[] ofWeights(
      ArchitectureFixture fixture, Activations outputGradient, Activations v) {
    var shape = fixture.geometry().attention();
    int headDim = shape.headDim().count();
    int tokens = v.tokens();
    int kvHead = ArchitectureFixture.HEAD / shape.groupSize();
    float[] result = new float[ArchitectureFixture.LAST_ROWS * tokens];
    for (int row = 0; row < ArchitectureFixture.LAST_ROWS; row++) {
      int query = tokens - ArchitectureFixture.LAST_ROWS + row;
      for (int key = 0; key < tokens; key++) {
        double sum = 0;
        for (int d = 0; d < headDim; d++) {
          sum +=
              (double)
                      outputGradient
                          .data()[outputGradient.at(query) + ArchitectureFixture.HEAD * headDim + d]
                  * v.data()[v.at(key) + kvHead * headDim + d];
        }
        result[row * tokens + key] = (float) sum;
      }
    }
    return result;
  }
}
