package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DecodePattern;
import io.sparseplan.plans.pattern.HeavyChannels;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.TokensOfLayer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one step of decoding reads and holds of one KV head: the tiles that its query heads visit,
 * and the tokens that rules of decoding gather.
 *
 * <p>Idea: which tokens a rule takes is known on the prompt alone, how many it takes beforehand. A
 * rule that chooses for the whole group reads its tokens once. Where each query head chooses, and
 * between rules, tokens are taken to differ, as far as there are keys.
 *
 * @param listed what fixed patterns visit
 * @param every what dense attention visits
 * @param gathered tokens that are read beside the listed ones
 * @param held tokens that the cache holds beside them: all where a later step may read any
 * @param choosingBytes what choosing reads and writes
 */
record KvStep(KvKept listed, KvKept every, long gathered, long held, double choosingBytes) {
  private static final int BYTES_OF_BF16 = 2;

  /** A score in float32, written and read. */
  private static final int BYTES_OF_SCORE = 2 * Float.BYTES;

  /** What a query head runs. */
  sealed interface Reads {
    record Tiles(TileLists lists) implements Reads {}

    record Rule(DecodePattern pattern) implements Reads {}
  }

  /**
   * @param heads what the query heads that share the KV head run
   * @param dense the tiles of dense attention on the same grid
   */
  static KvStep of(List<Reads> heads, TileLists dense, AttentionShape attention) {
    var lists = new LinkedHashSet<TileLists>();
    KvKept every = KvKept.of(List.of(dense));
    var sums = new Sums(Tokens.of((int) every.tokens()), attention);
    for (Reads head : heads) {
      switch (head) {
        case Reads.Tiles(TileLists tiles) -> lists.add(tiles);
        case Reads.Rule(DecodePattern rule) -> sums.add(rule);
      }
    }
    long gathered = Math.min(every.tokens(), sums.tokens());
    return new KvStep(
        KvKept.of(dense.grid(), List.copyOf(lists)),
        every,
        gathered,
        sums.mayReadAnyLater ? every.tokens() : gathered,
        sums.choosingBytes);
  }

  /** Tokens that the step reads. */
  long readTokens() {
    return Math.min(every.tokens(), listed.tokens() + gathered);
  }

  /** Bytes of the keys and values that the step reads, and of choosing them. */
  double bytes(HeadDim headDim) {
    return 2.0 * BYTES_OF_BF16 * headDim.count() * readTokens() + choosingBytes;
  }

  /** Tokens that the cache holds. */
  long heldTokens() {
    return Math.min(every.tokens(), listed.tokens() + held);
  }

  /** Tiles of so many tokens that are read; gathered tokens fill whole ones. */
  int tilesOf(int tokensOfTile) {
    long tiles = listed.tilesOf(tokensOfTile) + Math.ceilDiv(gathered, tokensOfTile);
    return (int) Math.min(tiles, every.tilesOf(tokensOfTile));
  }

  /** What the rules of one group add up to. */
  private static final class Sums {
    private final Tokens keys;
    private final int headDim;
    private final Set<DecodePattern> ofGroup = new LinkedHashSet<>();
    private final Set<List<Integer>> labels = new LinkedHashSet<>();
    private final List<KvBudget> budgets = new ArrayList<>();
    private long chosenByHeads;
    private long sink;
    private long buffer;
    private boolean mayReadAnyLater;
    private double choosingBytes;

    Sums(Tokens keys, AttentionShape attention) {
      this.keys = keys;
      this.headDim = attention.headDim().count();
    }

    /** Adds what one query head runs. */
    void add(DecodePattern pattern) {
      switch (pattern) {
        case HeavyChannels heavy -> {
          chosenByHeads += heavy.readTokens(keys).count();
          mayReadAnyLater = true;
          choosingBytes += scores(keys.count());
          // The label cache has these channels of every key.
          if (labels.add(heavy.channels())) {
            choosingBytes += vectors(keys.count(), heavy.channels().size());
          }
        }
        case TokensOfLayer reader -> {
          chosenByHeads += reader.readTokens(keys).count();
          mayReadAnyLater = true;
        }
        case PageTopK pages -> {
          int parts = Math.ceilDiv(keys.count(), pages.part().count());
          mayReadAnyLater = true;
          choosingBytes += scores(parts) / pages.reuse();
          if (ofGroup.add(pages)) {
            choosingBytes += 2 * vectors(parts, headDim) / pages.reuse();
          }
        }
        case KvBudget budget -> {
          if (budgets.stream().noneMatch(other -> holds(other, budget))) {
            budgets.removeIf(other -> holds(budget, other));
            budgets.add(budget);
          }
        }
        case CompensatedBuffer kept -> {
          ofGroup.add(kept);
          sink = Math.max(sink, kept.sink().count());
          buffer = Math.max(buffer, kept.buffer(keys).count());
        }
      }
    }

    private static boolean holds(KvBudget larger, KvBudget smaller) {
      return larger.nestsWith(smaller) && larger.capacity().compareTo(smaller.capacity()) >= 0;
    }

    /** One token stands for what each buffer dropped; a page is read once for the group. */
    long tokens() {
      long pages = 0;
      long means = 0;
      for (DecodePattern once : ofGroup) {
        pages += once instanceof PageTopK ? once.readTokens(keys).count() : 0;
        means += once instanceof CompensatedBuffer ? 1 : 0;
      }
      long kept = budgets.stream().mapToLong(budget -> budget.readTokens(keys).count()).sum();
      return chosenByHeads + pages + kept + sink + buffer + means;
    }

    private static double scores(double count) {
      return count * BYTES_OF_SCORE;
    }

    private static double vectors(double count, int elements) {
      return count * elements * BYTES_OF_BF16;
    }
  }
}
