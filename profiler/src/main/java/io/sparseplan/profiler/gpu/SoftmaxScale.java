package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.HeadDim;

/** What a score is multiplied by before the softmax: 1 ÷ √head_dim. */
final class SoftmaxScale {
  private static final double LOG2_E = 1.4426950408889634;

  private SoftmaxScale() {}

  /** The scale for a softmax of powers of two. */
  static float log2Of(HeadDim headDim) {
    return (float) (LOG2_E / Math.sqrt(headDim.count()));
  }
}
