package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.MicroKernel;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;

/**
 * Heap that one prompt takes on its way forward and back through a model: the weights that are
 * packed at once, and its activations. What is small beside them (norms, rotary tables, statistics,
 * the program itself) is left out.
 *
 * @param residency of the weights
 * @param tokens the prompt's length
 * @param workers each has memory for a block of rows
 */
public record MemoryNeed(ModelGeometry model, WeightResidency residency, int tokens, int workers) {
  private static final double SHARE_OF_HEAP = 0.6;

  /** Bytes at the moment that takes most. */
  public long bytes() {
    return weightBytes() + activationBytes();
  }

  /** Bytes of packed weights: all, or the most that are packed at once. */
  public long weightBytes() {
    var weights = new WeightBytes(model);
    return switch (residency) {
      case HELD -> weights.all() + weights.largestStep();
      case STREAMED -> weights.largestStep();
    };
  }

  /** Bytes of activations: what the forward pass keeps, and what a layer's way back takes. */
  public long activationBytes() {
    return tapeBytes() + backwardBytes() + workers * blockBytes();
  }

  /**
   * Whether a tape that keeps all activations of all layers leaves two fifths of a heap to what is
   * not counted here, garbage included.
   */
  boolean leavesRoomToKeepAll(long heapBytes) {
    return bytes() + keptBytes() <= SHARE_OF_HEAP * heapBytes;
  }

  /** Beside the tape: {@link LayerActivations} of every layer. */
  private long keptBytes() {
    AttentionShape shape = model.attention();
    return model.layers().count()
        * (rows(shape.queryWidth())
            + 2 * rows(shape.kvWidth())
            + rows(model.hiddenSize())
            + 2 * rows(model.intermediateSize()));
  }

  private long tapeBytes() {
    AttentionShape shape = model.attention();
    long ofLayer =
        rows(model.hiddenSize()) + rows(shape.queryWidth()) + rows(shape.queryHeads().count());
    return model.layers().count() * ofLayer + rows(model.hiddenSize());
  }

  /** States and their gradient; q, O and K, V with their gradients by half head; the MLP. */
  private long backwardBytes() {
    AttentionShape shape = model.attention();
    return 3 * rows(model.hiddenSize())
        + 7 * rows(shape.queryWidth())
        + 8 * rows(shape.kvWidth())
        + 2 * rows(model.intermediateSize());
  }

  private long blockBytes() {
    AttentionShape shape = model.attention();
    long columns =
        3L * model.hiddenSize()
            + 4L * shape.queryWidth()
            + 2L * shape.kvWidth()
            + 5L * model.intermediateSize();
    return Float.BYTES * columns * BlockRows.DEFAULT.count();
  }

  private long rows(int width) {
    long stride = (long) Math.ceilDiv(width, MicroKernel.WIDTH) * MicroKernel.WIDTH;
    return Float.BYTES * stride * (tokens + MicroKernel.TALL_ROWS);
  }
}
