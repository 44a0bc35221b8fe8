package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.model.ModelGeometry;

/** Reads decoder layers under the tensor names that transformers gives each architecture. */
record LayerLoader(CheckedTensors tensors, ModelGeometry model) {
  /**
   * @throws BadInputException if a tensor is missing, has another shape than the config says, or
   *     holds a value that is not finite: where weights are streamed, when they are first read
   */
  LayerWeights load(int layer) {
    String name = "model.layers.%d.".formatted(layer);
    int hidden = model.hiddenSize();
    Linear[] projections = projections(name + "self_attn.");
    Linear[] gateAndUp = gateAndUp(name + "mlp.");
    return new LayerWeights(
        tensors.floats(name + "input_layernorm.weight", hidden),
        projections[0],
        projections[1],
        projections[2],
        tensors.linear(name + "self_attn.o_proj.weight", hidden, queryWidth()),
        tensors.floats(name + "post_attention_layernorm.weight", hidden),
        gateAndUp[0],
        gateAndUp[1],
        tensors.linear(name + "mlp.down_proj.weight", hidden, model.intermediateSize()),
        biases(name),
        headNorm(name + "self_attn.q_norm.weight"),
        headNorm(name + "self_attn.k_norm.weight"));
  }

  private int queryWidth() {
    return model.attention().queryWidth();
  }

  private int kvWidth() {
    return model.attention().kvWidth();
  }

  private Linear[] projections(String name) {
    int hidden = model.hiddenSize();
    if (model.architecture().fusesProjections()) {
      return tensors.fusedLinear(
          name + "qkv_proj.weight", hidden, queryWidth(), kvWidth(), kvWidth());
    }
    return new Linear[] {
      tensors.linear(name + "q_proj.weight", queryWidth(), hidden),
      tensors.linear(name + "k_proj.weight", kvWidth(), hidden),
      tensors.linear(name + "v_proj.weight", kvWidth(), hidden)
    };
  }

  private Linear[] gateAndUp(String name) {
    int hidden = model.hiddenSize();
    int intermediate = model.intermediateSize();
    if (model.architecture().fusesProjections()) {
      return tensors.fusedLinear(name + "gate_up_proj.weight", hidden, intermediate, intermediate);
    }
    return new Linear[] {
      tensors.linear(name + "gate_proj.weight", intermediate, hidden),
      tensors.linear(name + "up_proj.weight", intermediate, hidden)
    };
  }

  private LayerBiases biases(String name) {
    boolean queryKeyValue = model.biases().queryKeyValue();
    boolean mlp = model.biases().mlp();
    return new LayerBiases(
        bias(queryKeyValue, name + "self_attn.q_proj.bias", queryWidth()),
        bias(queryKeyValue, name + "self_attn.k_proj.bias", kvWidth()),
        bias(queryKeyValue, name + "self_attn.v_proj.bias", kvWidth()),
        bias(model.biases().output(), name + "self_attn.o_proj.bias", model.hiddenSize()),
        bias(mlp, name + "mlp.gate_proj.bias", model.intermediateSize()),
        bias(mlp, name + "mlp.up_proj.bias", model.intermediateSize()),
        bias(mlp, name + "mlp.down_proj.bias", model.hiddenSize()));
  }

  private Bias bias(boolean there, String name, int outputs) {
    return there ? new Bias(tensors.floats(name, outputs)) : Bias.NONE;
  }

  private HeadNorm headNorm(String name) {
    return model.architecture().normalisesHeads()
        ? new HeadNorm(tensors.floats(name, model.attention().headDim().count()))
        : HeadNorm.NONE;
  }
}
