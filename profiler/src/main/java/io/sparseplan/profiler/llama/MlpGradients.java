package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.kernel.Activations;

/**
 * What a layer's MLP hands from one step of the backward pass to the next.
 *
 * @param gate ∂L/∂(gate projection), {@code [token][intermediate]}
 * @param up ∂L/∂(up projection), likewise
 */
record MlpGradients(Activations gate, Activations up) {}
