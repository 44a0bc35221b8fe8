package io.sparseplan.profiler.evaluate;

import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import java.util.BitSet;

/** The CPU, in float32: the reference. */
public record CpuBackend(LlamaModel model) implements Backend {
  @Override
  public Activations forward(int[] ids, AttentionTiles tiles, BitSet decodeRows) {
    return model.forward(ids, tiles, decodeRows, ForwardObserver.NONE);
  }

  @Override
  public TokenScores scores(Activations states, int[] ids) {
    return TokenScores.of(states, ids, model.vocabulary(), model.workers());
  }

  @Override
  public double[] divergence(Activations dense, Activations other) {
    return TokenScores.divergence(dense, other, model.vocabulary(), model.workers());
  }

  @Override
  public void close() {}
}
