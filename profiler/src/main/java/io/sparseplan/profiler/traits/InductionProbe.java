package io.sparseplan.profiler.traits;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.profile.InductionScores;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.LlamaModel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Echo and induction scores of every head of a model (RazorAttention, arXiv 2407.15891, §3.2).
 *
 * <p>One token, then {@value MOST_REPEATED} different random ones, or as many as fit, {@value
 * REPEATS} times over. Nothing but the repetition can be looked for, so the weight on earlier
 * occurrences of a token (echo), and on what followed them (induction), is the head's own habit.
 * The first token takes the sink's weight, in the place of RazorAttention's BOS. Only weights of
 * those pairs are computed, from the log-sum-exp of the forward pass.
 *
 * <p>Tokens are drawn from the middle half of the vocabulary: special tokens and single bytes stand
 * at its ends. The seed is fixed, so that a model always has the same scores.
 */
public final class InductionProbe implements ForwardObserver {
  private static final int MOST_REPEATED = 500;
  private static final int REPEATS = 4;
  private static final long SEED = 42;

  private final AttentionShape shape;
  private final int repeated;
  private final Workers workers;
  private final float[] echo;
  private final float[] induction;

  private InductionProbe(ModelGeometry geometry, int repeated, Workers workers) {
    shape = geometry.attention();
    this.repeated = repeated;
    this.workers = workers;
    echo = new float[geometry.headCount()];
    induction = new float[geometry.headCount()];
  }

  /** Runs a model dense, and shows the attention of every layer. */
  @FunctionalInterface
  public interface DenseRun {
    /** One prompt. */
    void observe(int[] ids, TileGrid grid, ForwardObserver observer);
  }

  /** On the CPU; otherwise likewise. */
  public static InductionScores scores(LlamaModel model, TileSize tile) {
    return scores(
        model.geometry(),
        tile,
        model.workers(),
        (ids, grid, observer) ->
            model.forward(ids, AttentionTiles.dense(grid), new BitSet(), observer));
  }

  /**
   * @param tile of the forward pass; the scores do not depend on it but for rounding
   * @throws BadInputException if the model is too small to repeat a token
   */
  public static InductionScores scores(
      ModelGeometry geometry, TileSize tile, Workers workers, DenseRun run) {
    int[] ids = ids(geometry);
    var probe = new InductionProbe(geometry, (ids.length - 1) / REPEATS, workers);
    run.observe(ids, TileGrid.causal(Tokens.of(ids.length), tile), probe);
    return new InductionScores(probe.repeated, REPEATS, list(probe.echo), list(probe.induction));
  }

  private static List<Float> list(float[] values) {
    return IntStream.range(0, values.length).mapToObj(place -> values[place]).toList();
  }

  /** The probe's prompt. */
  static int[] ids(ModelGeometry geometry) {
    int firstId = geometry.vocabularySize() / 4;
    int[] middle = new int[geometry.vocabularySize() * 3 / 4 - firstId];
    Arrays.setAll(middle, n -> firstId + n);
    int fitting = (geometry.context().count() - 1) / REPEATS;
    int repeated = Math.min(MOST_REPEATED, Math.min(fitting, middle.length - 1));
    if (repeated < 1) {
      throw new BadInputException(
          "A model with a context of %s tokens and a vocabulary of %d cannot repeat a token %d times."
              .formatted(geometry.context(), geometry.vocabularySize(), REPEATS),
          "the config.json is of another model.");
    }
    var random = new Random(SEED);
    for (int n = 0; n <= repeated; n++) {
      int other = n + random.nextInt(middle.length - n);
      int drawn = middle[other];
      middle[other] = middle[n];
      middle[n] = drawn;
    }
    int[] ids = new int[1 + REPEATS * repeated];
    ids[0] = middle[0];
    for (int n = 0; n < ids.length - 1; n++) {
      ids[1 + n] = middle[1 + n % repeated];
    }
    return ids;
  }

  @Override
  public void onAttention(LayerAttention layer) {
    int heads = shape.queryHeads().count();
    workers.forEach(heads, (head, worker) -> score(layer, head, layer.layer() * heads + head));
  }

  private void score(LayerAttention layer, int head, int place) {
    var weights = new PairWeights(layer, shape, head);
    double echoes = 0;
    double inductions = 0;
    int rows = 0;
    for (int query = 1 + repeated; query < layer.q().tokens(); query++) {
      weights.load(query);
      rows++;
      for (int same = query - repeated; same >= 1; same -= repeated) {
        echoes += weights.of(same);
        inductions += weights.of(same + 1);
      }
    }
    echo[place] = (float) (echoes / rows);
    induction[place] = (float) (inductions / rows);
  }
}
