package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.kernel.PackedWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights of a model of the Llama family in float32, packed for multiplication.
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
    var tensors = new CheckedTensors(checkpoint);
    var loader = new LayerLoader(tensors, model);
    int hidden = model.hiddenSize();
    var layers = new ArrayList<LayerWeights>();
    for (int layer = 0; layer < model.layers().count(); layer++) {
      layers.add(loader.load(layer));
    }
    float[] embedding = tensors.floats("model.embed_tokens.weight", model.vocabularySize(), hidden);
    return new LlamaWeights(
        embedding,
        layers,
        tensors.floats("model.norm.weight", hidden),
        model.tiedEmbeddings()
            ? PackedWeights.of(embedding, hidden)
            : tensors.linear("lm_head.weight", model.vocabularySize(), hidden));
  }
}
