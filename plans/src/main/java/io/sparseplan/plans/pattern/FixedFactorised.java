package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;

/**
 * A query's own span, and a summary of every span: the fixed pattern of Sparse Transformers (arXiv
 * 1904.10509, §4.2), whose last tokens of a span stand for all of it; the factorisation that
 * Combiner-fixed (arXiv 2107.05768, §4.1) approximates the rest by.
 *
 * <p>Rounded up to whole tiles: query tile i visits every tile that holds a token of a span which
 * one of its rows is in, and every tile that holds a token of a summary.
 *
 * @param span tokens that attend to each other, at least one
 * @param summary tokens at the end of each span that every later query sees, at most the span
 */
public record FixedFactorised(
    @JsonProperty("spanTokens") Tokens span, @JsonProperty("summaryTokens") Tokens summary)
    implements FixedPattern {
  public FixedFactorised {
    if (span.count() < 1 || summary.count() > span.count()) {
      throw new IllegalArgumentException(
          "The spanTokens (%s) must be positive, the summaryTokens (%s) no more than they."
              .formatted(span, summary));
    }
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    int last = grid.lastVisibleKeyTile(queryTile);
    int end = grid.endToken(last);
    int tile = grid.tile().tokens();
    long firstSpan = grid.firstToken(queryTile) / span.count();
    long lastSpan = (grid.endToken(queryTile) - 1) / span.count();
    var tiles = new BitSet(last + 1);
    set(tiles, firstSpan * span.count(), Math.min(end, (lastSpan + 1) * span.count()), tile);
    for (long start = span.count() - summary.count(); start < end; start += span.count()) {
      set(tiles, start, Math.min(end, start + summary.count()), tile);
    }
    return tiles.stream().toArray();
  }

  /** Sets the tiles of the tokens from {@code start} up to {@code end}. */
  private static void set(BitSet tiles, long start, long end, int tile) {
    if (start < end) {
      tiles.set((int) (start / tile), (int) ((end - 1) / tile) + 1);
    }
  }

  @JsonIgnore
  @Override
  public String label() {
    return "f%s+c%s".formatted(span, summary);
  }
}
