package io.sparseplan.profiler.llama;

import io.sparseplan.plans.safetensors.Tensor;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.PackedWeights;
import io.sparseplan.profiler.kernel.WeightRows;

/**
 * The weights of a linear layer. What is packed lives as long as its user holds it: whoever needs
 * several at once decides how much memory that is.
 */
sealed interface Linear {
  /** Packed for y = W·x. */
  PackedWeights forward(Workers workers);

  /** Packed for x = Wᵀ·y. */
  PackedWeights transposed(Workers workers);

  /** Weights that stay in memory, packed. */
  record Held(PackedWeights packed) implements Linear {
    @Override
    public PackedWeights forward(Workers workers) {
      return packed;
    }

    @Override
    public PackedWeights transposed(Workers workers) {
      return packed.transposed(workers);
    }
  }

  /**
   * Weights that stay in their mapped file and are packed each time.
   *
   * @param tensor {@code [output][input]}, perhaps of several linear layers
   * @param firstOutput the first row that is of this layer
   */
  record Stored(Tensor tensor, int firstOutput, int outputs, int inputs)
      implements Linear, WeightRows {
    @Override
    public void copy(int output, int fromInput, int count, float[] target, int targetAt) {
      long from = (long) (firstOutput + output) * inputs + fromInput;
      tensor.copyFloats(from, count, target, targetAt);
    }

    @Override
    public PackedWeights forward(Workers workers) {
      return PackedWeights.of(this, workers);
    }

    @Override
    public PackedWeights transposed(Workers workers) {
      return PackedWeights.transposed(this, workers);
    }

    /** The same weights, packed to stay in memory. */
    Held held(Workers workers) {
      return new Held(forward(workers));
    }
  }
}
