package io.sparseplan.profiler.evaluate;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.Vocabulary;
import io.sparseplan.profiler.objective.LogitRow;
import java.util.Arrays;
import java.util.BitSet;

/**
 * How well each next token of a prompt was predicted. Entry t is about token t + 1.
 *
 * @param loss −ln of the probability of the token that follows, nats
 * @param right whether that token has the largest logit
 */
public record TokenScores(double[] loss, BitSet right) {
  /**
   * Scores a prompt.
   *
   * @param states hidden states after the last norm
   */
  public static TokenScores of(
      Activations states, int[] ids, Vocabulary vocabulary, Workers workers) {
    int positions = ids.length - 1;
    double[] loss = new double[positions];
    boolean[] right = new boolean[positions];
    Vocabulary.Logits[] logits = logitsOfEach(workers, vocabulary);
    forEachBlock(
        positions,
        workers,
        (worker, from, end) -> {
          Activations rows = logits[worker].of(states, from, end);
          for (int t = from; t < end; t++) {
            var row = new LogitRow(rows.data(), rows.at(t - from), vocabulary.size());
            loss[t] = row.logSumExp() - row.logit(ids[t + 1]);
            right[t] = row.argMax() == ids[t + 1];
          }
        });
    var rightSet = new BitSet(positions);
    for (int t = 0; t < positions; t++) {
      rightSet.set(t, right[t]);
    }
    return new TokenScores(loss, rightSet);
  }

  /** KL(dense ‖ other) at each position that predicts a token, nats. */
  public static double[] divergence(
      Activations dense, Activations other, Vocabulary vocabulary, Workers workers) {
    int positions = dense.tokens() - 1;
    double[] divergence = new double[positions];
    Vocabulary.Logits[] first = logitsOfEach(workers, vocabulary);
    Vocabulary.Logits[] second = logitsOfEach(workers, vocabulary);
    forEachBlock(
        positions,
        workers,
        (worker, from, end) -> {
          Activations p = first[worker].of(dense, from, end);
          Activations q = second[worker].of(other, from, end);
          for (int t = from; t < end; t++) {
            divergence[t] =
                new LogitRow(p.data(), p.at(t - from), vocabulary.size())
                    .klTo(new LogitRow(q.data(), q.at(t - from), vocabulary.size()));
          }
        });
    return divergence;
  }

  @FunctionalInterface
  private interface Block {
    void score(int worker, int from, int end);
  }

  private static void forEachBlock(int positions, Workers workers, Block block) {
    workers.forEach(
        Math.ceilDiv(positions, Vocabulary.BLOCK),
        (unit, worker) -> {
          int from = unit * Vocabulary.BLOCK;
          block.score(worker, from, Math.min(from + Vocabulary.BLOCK, positions));
        });
  }

  private static Vocabulary.Logits[] logitsOfEach(Workers workers, Vocabulary vocabulary) {
    var logits = new Vocabulary.Logits[workers.count()];
    Arrays.setAll(logits, worker -> vocabulary.logits());
    return logits;
  }
}
