package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.QueryHeads;
import java.util.List;

/**
 * Q, K, V and O of one launch, in bf16: their size says whether its blocks wait for the memory or
 * for the second-level cache.
 *
 * @param length tokens of each prompt, as many queries as keys
 * @param batch prompts
 */
public record LaunchTensors(
    QueryHeads queryHeads, KvHeads kvHeads, HeadDim headDim, Tokens length, int batch) {
  private static final int BYTES_EACH = 2;
  private static final double HOLDS_ALL = 2.0 / 3;

  /** Of all heads of a layer. */
  public static LaunchTensors of(AttentionShape attention, Tokens length, int batch) {
    return new LaunchTensors(
        attention.queryHeads(), attention.kvHeads(), attention.headDim(), length, batch);
  }

  /**
   * Of some query heads of a layer, and the key-value heads that they read.
   *
   * @param heads each once
   */
  static LaunchTensors of(AttentionShape attention, List<Integer> heads, Tokens length, int batch) {
    long read = heads.stream().map(head -> head / attention.groupSize()).distinct().count();
    return new LaunchTensors(
        new QueryHeads(heads.size()),
        new KvHeads(Math.toIntExact(read)),
        attention.headDim(),
        length,
        batch);
  }

  /** Their size. */
  double megabytes() {
    return 2.0
        * (queryHeads.count() + kvHeads.count())
        * batch
        * length.count()
        * headDim.count()
        * BYTES_EACH
        / 1e6;
  }

  /**
   * The share of them that a cache of this size, which the launch before left full of them, does
   * not hold. Addresses are spread unevenly over its parts, so that it misses some before it is
   * full: none up to two thirds of its size, all from its size on, as a cache does that drops the
   * least recently read, and in proportion between.
   */
  double missedShare(double cacheMegabytes) {
    double first = HOLDS_ALL * cacheMegabytes;
    double last = cacheMegabytes;
    return megabytes() >= last ? 1 : Math.max(0, (megabytes() - first) / (last - first));
  }

  /** The share of the query heads that read keys and values which no query head read before. */
  double firstReaders() {
    return (double) kvHeads.count() / queryHeads.count();
  }
}
