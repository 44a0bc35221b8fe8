package io.sparseplan.plans.model;

import io.sparseplan.plans.geometry.Tokens;

/**
 * The shape of a decoder-only transformer, as its {@code config.json} gives it.
 *
 * @param architecture Hugging Face's class name, such as {@code LlamaForCausalLM}
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside the MLP
 * @param context the longest prompt that the model takes
 * @param tiedEmbeddings whether the output head is the embedding matrix
 */
public record ModelGeometry(
    String architecture,
    LayerCount layers,
    AttentionShape attention,
    int hiddenSize,
    Rope rope,
    int intermediateSize,
    double rmsNormEpsilon,
    int vocabularySize,
    boolean tiedEmbeddings,
    Tokens context) {
  public ModelGeometry {
    requirePositive("hidden_size", hiddenSize);
    requirePositive("intermediate_size", intermediateSize);
    requirePositive("vocab_size", vocabularySize);
    requirePositive("max_position_embeddings", context.count());
    if (attention.headDim().count() % 2 != 0) {
      throw new IllegalArgumentException(
          "The head_dim (%d) must be even to rotate.".formatted(attention.headDim().count()));
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
