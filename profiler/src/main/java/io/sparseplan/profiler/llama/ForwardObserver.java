package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.LayerSums;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Optional;

/**
 * Sees a forward pass as it happens. What it is given is overwritten soon after, and must not be
 * changed.
 */
@FunctionalInterface
public interface ForwardObserver {
  /** Sees nothing. */
  ForwardObserver NONE = attention -> {};

  void onAttention(LayerAttention attention);

  /**
   * Comes before a layer's attention.
   *
   * @param x the residual stream that the layer reads, {@code [token][hidden]}
   */
  default void onLayerInput(int layer, Activations x) {}

  /**
   * Comes before a layer: where its activations are to stay. Without such a place they are
   * overwritten by those of the next.
   */
  default Optional<LayerActivations> placeFor(int layer) {
    return Optional.empty();
  }

  /**
   * Comes after the last layer.
   *
   * @param x the residual stream before the last norm, {@code [token][hidden]}
   */
  default void onLastHidden(Activations x) {}

  /**
   * One layer's attention.
   *
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param k key projections before rotation, {@code [token][kvHead · headDim]}
   * @param v value projections, likewise
   * @param sums of the layer that are taken elsewhere
   */
  record LayerAttention(
      int layer,
      Activations q,
      Activations k,
      Activations v,
      PackedKeyValues keyValues,
      RotaryTable rotary,
      AttentionOutput output,
      LayerSums sums) {
    /** On the CPU, which takes every sum itself. */
    public LayerAttention(
        int layer,
        Activations q,
        Activations k,
        Activations v,
        PackedKeyValues keyValues,
        RotaryTable rotary,
        AttentionOutput output) {
      this(layer, q, k, v, keyValues, rotary, output, LayerSums.NONE);
    }
  }
}
