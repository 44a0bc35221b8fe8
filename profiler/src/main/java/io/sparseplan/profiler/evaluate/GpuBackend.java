package io.sparseplan.profiler.evaluate;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.gpu.Gpu;
import io.sparseplan.profiler.gpu.GpuModel;
import io.sparseplan.profiler.gpu.GpuSession;
import io.sparseplan.profiler.gpu.GpuVocabulary;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.BitSet;

/** A GPU, in bf16 with float32 sums. */
public final class GpuBackend implements Backend {
  private final GpuSession session;
  private final GpuModel model;
  private final GpuVocabulary vocabulary;

  private GpuBackend(GpuSession session, GpuModel model, GpuVocabulary vocabulary) {
    this.session = session;
    this.model = model;
    this.vocabulary = vocabulary;
  }

  /**
   * @throws BadInputException if the GPU cannot be used now, or its memory is too small
   */
  public static GpuBackend open(Gpu gpu, StoredModel model, Workers workers) {
    GpuSession session = GpuSession.open(gpu);
    var vocabulary = new GpuVocabulary(session, model, workers);
    return new GpuBackend(session, new GpuModel(session, model, workers), vocabulary);
  }

  @Override
  public Activations forward(int[] ids, AttentionTiles tiles, BitSet decodeRows) {
    if (!decodeRows.isEmpty()) {
      tiles.decodePatterns().stream()
          .findFirst()
          .ifPresent(
              rule -> {
                throw new BadInputException(
                    "Rows of answers that read single tokens, as those of the pattern %s, run on the CPU alone."
                        .formatted(rule.label()),
                    "take --backend cpu.");
              });
    }
    return model.forward(ids, tiles, decodeRows);
  }

  @Override
  public TokenScores scores(Activations states, int[] ids) {
    GpuVocabulary.Scores scores = vocabulary.scores(states, ids);
    return new TokenScores(scores.loss(), scores.right());
  }

  @Override
  public double[] divergence(Activations dense, Activations other) {
    return vocabulary.divergence(dense, other);
  }

  @Override
  public void close() {
    model.close();
    vocabulary.close();
    session.close();
  }
}
