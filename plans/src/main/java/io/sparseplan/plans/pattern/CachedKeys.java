package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;

/**
 * The keys of a prompt that a head still needs when the answer is written: the first ones and the
 * last ones. Where its pattern does not say which those are, or queries see what comes after them,
 * all of them, as the last. Whole tiles, as the pattern visits them (StreamingLLM, arXiv
 * 2309.17453, keeps the same two parts).
 */
public record CachedKeys(Tokens sink, Tokens window) {
  /** What the pattern needs of a prompt of the grid's length. */
  public static CachedKeys of(Pattern pattern, TileGrid grid) {
    if (grid.visibility() == Visibility.BIDIRECTIONAL) {
      return all(grid);
    }
    return switch (pattern) {
      case Skip _ -> new CachedKeys(Tokens.of(0), Tokens.of(0));
      case ElasticSpan span ->
          new CachedKeys(
              tokens(span.sinkTiles(grid.tile()), grid), tokens(span.windowTiles(grid), grid));
      case DilatedWindow dilated ->
          new CachedKeys(
              tokens(grid.tile().tilesCovering(dilated.sink().count()), grid),
              tokens(Math.max(1, grid.tile().tilesCovering(dilated.window().count())), grid));
      case BandOfBlocks band -> {
        int visited = band.keyTiles(grid, grid.tiles() - 1).length;
        int sink = Math.min(visited, grid.tile().tilesCovering(BandOfBlocks.BLOCK_TOKENS));
        yield new CachedKeys(tokens(sink, grid), tokens(visited - sink, grid));
      }
      case KvBudget budget -> new CachedKeys(Tokens.of(0), budget.capacity());
      case CompensatedBuffer buffer -> {
        // One token more stands for the dropped ones.
        int kept = buffer.buffer(grid.length()).count() + 1;
        yield new CachedKeys(buffer.sink(), Tokens.of(Math.min(grid.length().count(), kept)));
      }
      case Dense _,
          TriShape _,
          Strided _,
          FixedFactorised _,
          FrozenVerticalSlash _,
          Grid _,
          ModalityCells _,
          VideoPattern _,
          SelectedPattern _,
          HeavyChannels _,
          PageTopK _,
          TokensOfLayer _ ->
          all(grid);
    };
  }

  private static CachedKeys all(TileGrid grid) {
    return new CachedKeys(Tokens.of(0), grid.length());
  }

  private static Tokens tokens(int tiles, TileGrid grid) {
    return Tokens.of((int) Math.min(grid.length().count(), (long) tiles * grid.tile().tokens()));
  }

  /** What two heads need that share a key-value head. */
  public CachedKeys union(CachedKeys other) {
    return new CachedKeys(longer(sink, other.sink), longer(window, other.window));
  }

  private static Tokens longer(Tokens one, Tokens other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /** How many keys these are of so many that dense attention needs. */
  public int count(Tokens ofDense) {
    return (int) Math.min(ofDense.count(), (long) sink.count() + window.count());
  }
}
