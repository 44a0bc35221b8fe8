package io.sparseplan.profiler.llama;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import java.util.stream.LongStream;

/**
 * Bytes of a model's packed weights, float32. Padding to whole panels and the vectors of norms and
 * biases are left out: they are less than a hundredth in models of more than a few hundred columns.
 */
record WeightBytes(ModelGeometry model) {
  /** All linear layers and the output layer. */
  long all() {
    return model.layers().count() * layer() + head();
  }

  /** One decoder layer. */
  long layer() {
    return projections() + output() + 3 * mlp();
  }

  /** The most that is packed at once when weights are streamed, in forward and backward passes. */
  long largestStep() {
    return LongStream.of(projections(), output() + 3 * mlp(), head()).max().getAsLong();
  }

  private long projections() {
    AttentionShape attention = model.attention();
    return bytes(model.hiddenSize(), attention.queryWidth() + 2L * attention.kvWidth());
  }

  private long output() {
    return bytes(model.hiddenSize(), model.attention().queryWidth());
  }

  private long mlp() {
    return bytes(model.hiddenSize(), model.intermediateSize());
  }

  private long head() {
    return bytes(model.hiddenSize(), model.vocabularySize());
  }

  private static long bytes(long inputs, long outputs) {
    return Float.BYTES * inputs * outputs;
  }
}
