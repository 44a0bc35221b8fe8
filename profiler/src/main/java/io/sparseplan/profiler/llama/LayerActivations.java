package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;

/**
 * What a layer computes beside attention, and its way back reads again.
 *
 * @param q query projections before rotation, {@code [token][head · headDim]}
 * @param k key projections before rotation, {@code [token][kvHead · headDim]}
 * @param v value projections, likewise
 * @param middle the residual stream behind attention, {@code [token][hidden]}
 * @param gate the MLP's gate projection, {@code [token][intermediate]}
 * @param up its up projection, likewise
 */
public record LayerActivations(
    Activations q,
    Activations k,
    Activations v,
    Activations middle,
    Activations gate,
    Activations up) {
  /** All zeros. */
  LayerActivations(ModelGeometry model, TokenRows tokens) {
    this(
        new Activations(tokens, model.attention().queryWidth()),
        new Activations(tokens, model.attention().kvWidth()),
        new Activations(tokens, model.attention().kvWidth()),
        new Activations(tokens, model.hiddenSize()),
        new Activations(tokens, model.intermediateSize()),
        new Activations(tokens, model.intermediateSize()));
  }
}
