package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.Objective;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.prompt.Prompt;

/** A model to profile, and where it runs. Belongs to the thread that opened it. */
public abstract sealed class ProfiledModel implements AutoCloseable
    permits CpuProfiledModel, GpuProfiledModel {
  abstract ModelGeometry geometry();

  abstract Workers workers();

  /**
   * A prompt's loss and its gradient.
   *
   * @param states hidden states after the last norm
   */
  abstract LossGradient loss(Prompt prompt, Objective objective, Activations states);

  /**
   * Says at once, not after hours, what the heap is too small for.
   *
   * @param tokens of the longest prompt
   * @throws BadInputException if it is; it says how much is needed
   */
  abstract void requireHeap(int tokens);

  /** Runs one prompt dense, and shows the attention of every layer. */
  abstract void observe(int[] ids, TileGrid grid, ForwardObserver observer);

  /**
   * Runs one prompt dense, and keeps what its way back needs.
   *
   * @throws BadInputException if an id is not in the vocabulary, the prompt exceeds the context, or
   *     the memory is too small
   */
  abstract DensePass densePass(int[] ids, TileGrid grid);

  @Override
  public abstract void close();

  static void requireHeap(int tokens, long weightBytes, long activationBytes) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    long bytes = weightBytes + activationBytes;
    if (bytes > heapBytes) {
      throw new BadInputException(
          "A prompt of %d tokens needs %d MiB on this model (%d MiB of weights, %d MiB of activations); the heap is %d MiB."
              .formatted(
                  tokens, bytes >> 20, weightBytes >> 20, activationBytes >> 20, heapBytes >> 20),
          "raise it: SPARSEPLAN_JAVA_OPTIONS=-Xmx%dg, or leave out long prompts with --lengths."
              .formatted((bytes * 5 / 4 >> 30) + 1));
    }
  }
}
