package io.sparseplan.profiler.attention;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;

/**
 * What the attention of one layer comes to.
 *
 * @param o {@code [token][head · headDim]}, the input of the output projection
 * @param logSumExp log₂ Σ 2^score of each row over the keys it saw, scores in log₂: {@code
 *     [token][head]}. With it softmax weights can be computed again one by one
 */
public record AttentionOutput(Activations o, Activations logSumExp) {
  /** All zeros. */
  public AttentionOutput(AttentionShape shape, TokenRows tokens) {
    this(
        new Activations(tokens, shape.queryWidth()),
        new Activations(tokens, shape.queryHeads().count()));
  }
}
