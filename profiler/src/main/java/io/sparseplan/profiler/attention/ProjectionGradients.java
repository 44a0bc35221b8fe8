package io.sparseplan.profiler.attention;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;

/**
 * ∂L of one layer's projections, before rotation.
 *
 * @param q {@code [token][head · headDim]}
 * @param k {@code [token][kvHead · headDim]}
 * @param v likewise
 */
public record ProjectionGradients(Activations q, Activations k, Activations v) {
  /** All zeros. */
  public ProjectionGradients(AttentionShape shape, TokenRows tokens) {
    this(
        new Activations(tokens, shape.queryWidth()),
        new Activations(tokens, shape.kvWidth()),
        new Activations(tokens, shape.kvWidth()));
  }
}
