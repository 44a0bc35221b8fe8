package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import java.util.BitSet;

/** Where a model runs prompts. Belongs to the thread that opened it. */
public sealed interface Backend extends AutoCloseable permits CpuBackend, GpuBackend {
  /**
   * Runs one prompt.
   *
   * @param ids token ids, as many as the tiles' grid is long
   * @param decodeRows tokens whose attention rows run the decode tiles
   * @return hidden states after the last norm, {@code [token][hidden]}
   * @throws BadInputException if an id is not in the vocabulary, the prompt exceeds the context, or
   *     the memory is too small
   */
  Activations forward(int[] ids, AttentionTiles tiles, BitSet decodeRows);

  /**
   * Scores a prompt.
   *
   * @param states hidden states after the last norm
   */
  TokenScores scores(Activations states, int[] ids);

  /** KL(dense ‖ other) at each position that predicts a token, nats. */
  double[] divergence(Activations dense, Activations other);

  @Override
  void close();
}
