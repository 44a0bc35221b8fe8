package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;

/**
 * What a layer's MLP hands from one step of the backward pass to the next.
 *
 * @param middle the residual stream behind attention, {@code [token][hidden]}
 * @param gate ∂L/∂(gate projection), {@code [token][intermediate]}
 * @param up ∂L/∂(up projection), likewise
 */
record MlpGradients(Activations middle, Activations gate, Activations up) {
  /** Room for the layers of one prompt, one after the other. */
  MlpGradients(ModelGeometry model, TokenRows tokens) {
    this(
        new Activations(tokens, model.hiddenSize()),
        new Activations(tokens, model.intermediateSize()),
        new Activations(tokens, model.intermediateSize()));
  }
}
