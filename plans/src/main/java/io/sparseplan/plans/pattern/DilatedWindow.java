package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;

/**
 * The first {@code sink} tokens and a window with gaps: Longformer's dilated sliding window (arXiv
 * 2004.05150, §3.1) in whole tiles, as a kernel that skips tiles can run it.
 *
 * <p>Rounded up to whole tiles: of the last ⌈window ÷ tile⌉ tiles up to its own, query tile i
 * visits its own and those whose distance from it is a multiple of ⌈dilation ÷ tile⌉ tiles. Where
 * not causal, the window reaches as far to the other side.
 *
 * @param sink tokens at the start that every query sees
 * @param window how far back the window reaches, in tokens
 * @param dilation from a visited part of the window to the next, at least 1
 */
public record DilatedWindow(
    @JsonProperty("sinkTokens") Tokens sink,
    @JsonProperty("windowTokens") Tokens window,
    @JsonProperty("dilationTokens") Tokens dilation)
    implements FixedPattern {
  public DilatedWindow {
    if (dilation.count() < 1) {
      throw new IllegalArgumentException(
          "The dilationTokens (%s) must be positive.".formatted(dilation));
    }
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    int last = grid.lastVisibleKeyTile(queryTile);
    var tiles = new BitSet(last + 1);
    tiles.set(0, Math.min(grid.tile().tilesCovering(sink.count()), last + 1));
    int windowTiles = Math.max(1, grid.tile().tilesCovering(window.count()));
    int step = grid.tile().tilesCovering(dilation.count());
    for (long apart = 0; apart < Math.min(windowTiles, grid.tiles()); apart += step) {
      if (queryTile - apart >= 0) {
        tiles.set((int) (queryTile - apart));
      }
      if (queryTile + apart <= last) {
        tiles.set((int) (queryTile + apart));
      }
    }
    return tiles.stream().toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "s%s+w%s/%s".formatted(sink, window, dilation);
  }
}
