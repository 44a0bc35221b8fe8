package io.sparseplan.profiler.llama;

import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.List;

/** Sees what each layer's attention does to a loss, the last layer first. */
@FunctionalInterface
public interface BackwardObserver {
  /**
   * One layer. What is given is overwritten by the next.
   *
   * @param attention the layer's attention, computed again
   * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
   * @param blocks one record a query head
   */
  void onGradient(
      LayerAttention attention, Activations outputGradient, List<AttentionBlocks> blocks);
}
