package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The weights of a LlamaForCausalLM in float32, packed for multiplication, under transformers'
 * tensor names.
 *
 * @param embedding {@code [token id][hidden]}
 * @param head the output layer; of the embedding's values where the model ties them
 */
record LlamaWeights(
    float[] embedding, List<LayerWeights> layers, float[] finalNorm, PackedWeights head) {
  /**
   * @throws BadInputException if a tensor is missing, has another shape than the config says, or
   *     holds a value that is not finite
   */
  static LlamaWeights load(Checkpoint checkpoint, ModelGeometry model) {
    int hidden = model.hiddenSize();
    int queryWidth = model.attention().queryWidth();
    int kvWidth = model.attention().kvWidth();
    int intermediate = model.intermediateSize();
    var layers = new ArrayList<LayerWeights>();
    for (int layer = 0; layer < model.layers().count(); layer++) {
      String name = "model.layers.%d.".formatted(layer);
      layers.add(
          new LayerWeights(
              floats(checkpoint, name + "input_layernorm.weight", hidden),
              linear(checkpoint, name + "self_attn.q_proj.weight", queryWidth, hidden),
              linear(checkpoint, name + "self_attn.k_proj.weight", kvWidth, hidden),
              linear(checkpoint, name + "self_attn.v_proj.weight", kvWidth, hidden),
              linear(checkpoint, name + "self_attn.o_proj.weight", hidden, queryWidth),
              floats(checkpoint, name + "post_attention_layernorm.weight", hidden),
              linear(checkpoint, name + "mlp.gate_proj.weight", intermediate, hidden),
              linear(checkpoint, name + "mlp.up_proj.weight", intermediate, hidden),
              linear(checkpoint, name + "mlp.down_proj.weight", hidden, intermediate)));
    }
    float[] embedding =
        floats(checkpoint, "model.embed_tokens.weight", model.vocabularySize(), hidden);
    return new LlamaWeights(
        embedding,
        layers,
        floats(checkpoint, "model.norm.weight", hidden),
        model.tiedEmbeddings()
            ? PackedWeights.of(embedding, hidden)
            : linear(checkpoint, "lm_head.weight", model.vocabularySize(), hidden));
  }

  private static PackedWeights linear(Checkpoint checkpoint, String name, int outputs, int inputs) {
    return PackedWeights.of(floats(checkpoint, name, outputs, inputs), inputs);
  }

  private static float[] floats(Checkpoint checkpoint, String name, long... shape) {
    Tensor tensor = checkpoint.tensor(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected)) {
      throw new BadInputException(
          "The tensor %s has the shape %s; config.json says %s."
              .formatted(name, tensor.shape(), expected),
          "the weights and config.json are of two models.");
    }
    return tensor.toFloats();
  }
}
