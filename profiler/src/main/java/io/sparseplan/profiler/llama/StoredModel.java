package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.WeightRows;
import java.util.List;

/** A model's weights in their mapped files, for whoever packs them in a form of its own. */
public final class StoredModel {
  private final ModelGeometry geometry;
  private final LlamaWeights weights;

  private StoredModel(ModelGeometry geometry, LlamaWeights weights) {
    this.geometry = geometry;
    this.weights = weights;
  }

  /**
   * @throws BadInputException if the weights do not fit the geometry
   */
  public static StoredModel open(ModelGeometry geometry, Checkpoint checkpoint, Workers workers) {
    var tensors = new CheckedTensors(checkpoint, WeightResidency.STREAMED, workers);
    return new StoredModel(geometry, LlamaWeights.load(tensors, geometry));
  }

  public ModelGeometry geometry() {
    return geometry;
  }

  /**
   * Copies the embedding of a token.
   *
   * @throws BadInputException if it is not finite; likewise where other weights are read
   */
  public void embed(int id, float[] target, int targetAt) {
    int hidden = geometry.hiddenSize();
    weights.embedding().copyFloats((long) id * hidden, hidden, target, targetAt);
  }

  public StoredLayer layer(int index) {
    LayerWeights layer = weights.layers().get(index);
    LayerBiases biases = layer.biases();
    return new StoredLayer(
        layer.attentionNorm(),
        linear(
            List.of(layer.query(), layer.key(), layer.value()),
            biases.query(),
            biases.key(),
            biases.value()),
        layer.queryNorm().weight(),
        layer.keyNorm().weight(),
        linear(List.of(layer.output()), biases.output()),
        layer.mlpNorm(),
        linear(List.of(layer.gate(), layer.up()), biases.gate(), biases.up()),
        linear(List.of(layer.down()), biases.down()));
  }

  public float[] finalNorm() {
    return weights.finalNorm();
  }

  /** The output layer: scores of every token of the vocabulary. */
  public StoredLinear head() {
    return linear(List.of(weights.head()), Bias.NONE);
  }

  private static StoredLinear linear(List<Linear> parts, Bias... biases) {
    return new StoredLinear(
        parts.stream().map(StoredModel::rows).toList(), Bias.sideBySide(biases).values());
  }

  private static WeightRows rows(Linear linear) {
    return switch (linear) {
      case Linear.Stored stored -> stored;
      case Linear.Held _ -> throw new IllegalStateException("The weights were packed already.");
    };
  }
}
