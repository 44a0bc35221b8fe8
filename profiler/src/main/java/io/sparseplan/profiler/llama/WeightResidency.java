package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.ModelGeometry;

/** Where a model's weights are between two uses. */
public enum WeightResidency {
  /** In memory, packed: nothing is read twice. */
  HELD,
  /**
   * In their mapped files: each is packed when it is needed, and dropped. Packing costs about as
   * much as a few tokens' multiplications do.
   */
  STREAMED;

  /** Activations and the garbage of packing need the rest of the heap. */
  private static final double SHARE_OF_HEAP = 0.4;

  /** Held, where all packed weights take at most two fifths of the heap. */
  public static WeightResidency fitting(ModelGeometry model, long heapBytes) {
    return new WeightBytes(model).all() <= SHARE_OF_HEAP * heapBytes ? HELD : STREAMED;
  }
}
