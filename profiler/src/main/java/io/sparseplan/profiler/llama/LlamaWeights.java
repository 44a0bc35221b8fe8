package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The weights of a model of the Llama family in float32.
 *
 * @param embedding {@code [token id][hidden]}, where it is stored: a prompt needs few of its rows
 * @param head the output layer; of the embedding's values where the model ties them
 */
record LlamaWeights(Tensor embedding, List<LayerWeights> layers, float[] finalNorm, Linear head) {
  /**
   * @throws BadInputException if a tensor is missing, has another shape than the config says, or
   *     holds a value that is not finite: where weights are streamed, when they are first read
   */
  static LlamaWeights load(CheckedTensors tensors, ModelGeometry model) {
    var loader = new LayerLoader(tensors, model);
    int hidden = model.hiddenSize();
    var layers = new ArrayList<LayerWeights>();
    for (int layer = 0; layer < model.layers().count(); layer++) {
      layers.add(loader.load(layer));
    }
    String embedding = "model.embed_tokens.weight";
    return new LlamaWeights(
        tensors.tensor(embedding, model.vocabularySize(), hidden),
        layers,
        tensors.floats("model.norm.weight", hidden),
        tensors.linear(
            model.tiedEmbeddings() ? embedding : "lm_head.weight", model.vocabularySize(), hidden));
  }
}
