package io.sparseplan.profiler.statistics;

import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.List;
import java.util.function.Supplier;

/** One prompt's dense way forward through a model, and its way back from a loss. */
interface DensePass extends AutoCloseable {
  /** Hidden states after the last norm, {@code [token][hidden]}. */
  Activations states();

  /**
   * Takes a loss back to the attention outputs of every layer. To be called once.
   *
   * @param stateGradient ∂L/∂(hidden states after the last norm); overwritten
   * @param observer sees each layer, the last one first
   */
  void backward(Activations stateGradient, Observer observer);

  @Override
  void close();

  /** Sees what each layer's attention does to the loss. */
  @FunctionalInterface
  interface Observer {
    /**
     * One layer. What is given is overwritten by the next.
     *
     * @param attention computed again
     * @param outputGradient ∂L/∂O, {@code [token][head · headDim]}
     * @param blocks one record a query head
     * @param units scores sets against what the layer ran
     */
    void onLayer(
        LayerAttention attention,
        Supplier<Activations> outputGradient,
        List<AttentionBlocks> blocks,
        UnitScorer units);
  }
}
