package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;

/** Sees each layer's attention as it happens. What it is given is overwritten by the next layer. */
@FunctionalInterface
public interface ForwardObserver {
  /** Sees nothing. */
  ForwardObserver NONE = attention -> {};

  void onAttention(LayerAttention attention);

  /**
   * One layer's attention.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   * @param output attention output, the input of the output projection, {@code [token][head ·
   *     headDim]}
   */
  record LayerAttention(
      int layer,
      Activations q,
      Activations k,
      Activations v,
      PackedKeyValues keyValues,
      RotaryTable rotary,
      Activations output) {}
}
