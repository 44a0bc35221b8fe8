package io.sparseplan.plans.model;

import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * The shape of a decoder-only transformer, as its {@code config.json} gives it.
 *
 * @param hiddenSize width of the residual stream
 * @param reach how far back each layer sees
 * @param intermediateSize width inside the MLP
 * @param context the longest prompt that the model takes
 * @param tiedEmbeddings whether the output head is the embedding matrix
 */
public record ModelGeometry(
    Architecture architecture,
    LayerCount layers,
    AttentionShape attention,
    int hiddenSize,
    Rope rope,
    List<AttentionReach> reach,
    LinearBiases biases,
    int intermediateSize,
    double rmsNormEpsilon,
    int vocabularySize,
    boolean tiedEmbeddings,
    Tokens context) {
  public ModelGeometry {
    reach = List.copyOf(reach);
    requirePositive("hidden_size", hiddenSize);
    requirePositive("intermediate_size", intermediateSize);
    requirePositive("vocab_size", vocabularySize);
    requirePositive("max_position_embeddings", context.count());
    if (reach.size() != layers.count()) {
      throw new IllegalArgumentException(
          "The layer_types are of %d layers; num_hidden_layers is %d."
              .formatted(reach.size(), layers.count()));
    }
    int rotary = rope.rotaryElements(attention.headDim());
    if (rotary < 2 || rotary % 2 != 0) {
      throw new IllegalArgumentException(
          rope.rotaryFraction() == 1
              ? "The head_dim (%d) must be even to rotate.".formatted(rotary)
              : "The partial_rotary_factor (%s) rotates %d of the head_dim (%d); it must be even."
                  .formatted(rope.rotaryFraction(), rotary, attention.headDim().count()));
    }
    if (!(rmsNormEpsilon >= 0 && rmsNormEpsilon < 1)) {
      throw new IllegalArgumentException(
          "The rms_norm_eps (%s) must be in [0, 1).".formatted(rmsNormEpsilon));
    }
  }

  /** All query heads of all layers. */
  public int headCount() {
    return layers.count() * attention.queryHeads().count();
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s (%d) must be positive.".formatted(name, value));
    }
  }
}
