package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;

/**
 * A local window, and columns of keys at a fixed stride that every later query sees: the strided
 * pattern of Sparse Transformers (arXiv 1904.10509) in whole tiles, as S2-Attention (arXiv
 * 2407.17678) and Phi-3-small run it; there every head shifts its columns by an offset of its own.
 *
 * <p>Rounded up to whole tiles: query tile i visits the last ⌈local ÷ tile⌉ tiles up to its own, at
 * least its own, and every tile that holds a token of a column. Where not causal, the window
 * reaches as far to the other side.
 *
 * @param local the window, in tokens
 * @param column the width of a column, at least 1 and at most the stride
 * @param stride from the start of a column to the start of the next
 * @param offset where the first column starts, less than the stride
 */
public record Strided(
    @JsonProperty("localTokens") Tokens local,
    @JsonProperty("columnTokens") Tokens column,
    @JsonProperty("strideTokens") Tokens stride,
    @JsonProperty("offsetTokens") Tokens offset)
    implements FixedPattern {
  public Strided {
    if (column.count() < 1 || column.count() > stride.count()) {
      throw new IllegalArgumentException(
          "The columnTokens (%s) must be in 1..strideTokens (%s).".formatted(column, stride));
    }
    if (offset.count() >= stride.count()) {
      throw new IllegalArgumentException(
          "The offsetTokens (%s) must be less than strideTokens (%s).".formatted(offset, stride));
    }
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    int last = grid.lastVisibleKeyTile(queryTile);
    var tiles = new BitSet(last + 1);
    int window = Math.max(1, grid.tile().tilesCovering(local.count()));
    tiles.set(
        Math.max(0, queryTile - window + 1),
        (int) Math.min(last, (long) queryTile + window - 1) + 1);
    int tile = grid.tile().tokens();
    int end = grid.endToken(last);
    for (long first = offset.count(); first < end; first += stride.count()) {
      long lastOfColumn = Math.min(end, first + column.count()) - 1;
      tiles.set((int) (first / tile), (int) (lastOfColumn / tile) + 1);
    }
    return tiles.stream().toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "w%s+c%s/%s%s".formatted(local, column, stride, offset.count() > 0 ? "@" + offset : "");
  }
}
