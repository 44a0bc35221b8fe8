package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;

/**
 * The arithmetic of one forward pass without the output layer; a multiply-add counts as two.
 *
 * @param tokens the prompt's length
 */
public record ForwardCost(ModelGeometry model, int tokens) {
  /** Projections and MLP of all layers. */
  public double linearFlops() {
    AttentionShape attention = model.attention();
    double weights =
        (double) model.hiddenSize()
            * (2 * attention.queryWidth() + 2 * attention.kvWidth() + 3 * model.intermediateSize());
    return 2 * weights * tokens * model.layers().count();
  }

  /** Q·Kᵀ and P·V of all heads over the pairs of query and key within the layer's reach. */
  public double denseAttentionFlops() {
    double pairs = model.reach().stream().mapToDouble(reach -> reach.pairs(tokens)).sum();
    return 4 * pairs * model.attention().queryWidth();
  }
}
