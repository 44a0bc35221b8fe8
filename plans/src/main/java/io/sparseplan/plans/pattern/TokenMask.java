package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.ModalityCells.Modality;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What each fixed pattern means, token by token: slow, obvious, and written from the definition,
 * never from the tile lists. Tests hold everything else against it.
 */
public final class TokenMask {
  private final FixedPattern pattern;
  private final TileGrid grid;
  private final Map<TilePair, Boolean> ofTiles = new HashMap<>();

  private record TilePair(int query, int key) {}

  public TokenMask(FixedPattern pattern, TileGrid grid) {
    this.pattern = pattern;
    this.grid = grid;
  }

  /** The keys that this query token attends to. */
  public BitSet visibleKeys(int queryToken) {
    var keys = new BitSet(grid.length().count());
    for (int key = 0; key < grid.length().count(); key++) {
      boolean shown =
          switch (grid.visibility()) {
            case CAUSAL -> key <= queryToken;
            case BIDIRECTIONAL -> true;
          };
      if (shown && keeps(queryToken, key)) {
        keys.set(key);
      }
    }
    return keys;
  }

  private boolean keeps(int queryToken, int keyToken) {
    return switch (pattern) {
      case Dense() -> true;
      case ElasticSpan(var sink, var alpha, double beta) ->
          spanKeeps(sink, alpha, beta, queryToken, keyToken);
      case TriShape(var sink, var alpha, double beta, var last) -> {
        int tile = grid.tile().tokens();
        int lastTokenOfTile = Math.min(grid.length().count(), (queryToken / tile + 1) * tile) - 1;
        yield lastTokenOfTile >= grid.length().count() - last.count()
            || spanKeeps(sink, alpha, beta, queryToken, keyToken);
      }
      case Skip() -> false;
      case VideoPattern video ->
          oncePerTiles(queryToken, keyToken, () -> tileKeeps(video, queryToken, keyToken));
      case Strided(var local, var column, var stride, var offset) ->
          windowKeeps(local.count(), queryToken, keyToken)
              || anyTokenOfTile(
                  keyToken,
                  key ->
                      key >= offset.count()
                          && (key - offset.count()) % stride.count() < column.count());
      case DilatedWindow(var sink, var window, var dilation) ->
          anyTokenOfTile(keyToken, key -> key < sink.count())
              || windowKeeps(window.count(), queryToken, keyToken)
                  && tilesApart(queryToken, keyToken)
                          % Math.ceilDiv(dilation.count(), grid.tile().tokens())
                      == 0;
      case BandOfBlocks(double alpha, double beta) -> {
        double tokens = grid.length().count();
        double band = Math.max(1, Math.floor(Math.floor(alpha / 64) + beta * tokens / 64));
        yield anyBlocksOfTiles(
            queryToken, keyToken, 64, (query, key) -> key == 0 || Math.abs(query - key) < band);
      }
      case FixedFactorised(var span, var summary) ->
          anyTokenOfTile(keyToken, key -> key % span.count() >= span.count() - summary.count())
              || anyBlocksOfTiles(queryToken, keyToken, span.count(), (query, key) -> query == key);
      case Grid lines ->
          tilesApart(queryToken, keyToken) == 0
              || oncePerTiles(queryToken, keyToken, () -> gridKeeps(lines, queryToken, keyToken));
      case ModalityCells cells ->
          oncePerTiles(queryToken, keyToken, () -> cellsKeep(cells, queryToken, keyToken));
      case FrozenVerticalSlash(var columns, var distances) ->
          tilesApart(queryToken, keyToken) == 0
              || anyTokenOfTile(keyToken, key -> columns.contains(Tokens.of(key)))
              || distances.stream()
                  .anyMatch(
                      distance ->
                          anyTokenOfTile(
                              queryToken,
                              query ->
                                  query >= distance.count()
                                      && tilesApart(query - distance.count(), keyToken) == 0));
    };
  }

  /** What is the same for all tokens of two tiles. */
  private boolean oncePerTiles(int queryToken, int keyToken, BooleanSupplier keeps) {
    int tile = grid.tile().tokens();
    return ofTiles.computeIfAbsent(
        new TilePair(queryToken / tile, keyToken / tile), tiles -> keeps.getAsBoolean());
  }

  private boolean gridKeeps(Grid lines, int queryToken, int keyToken) {
    int stride = lines.stride().count();
    int phase = lines.phase().count();
    int width = lines.width().count();
    return anyTokenOfTile(keyToken, key -> key >= phase && (key - phase) % stride < width)
        || anyTokenOfTile(
            queryToken,
            query -> anyTokenOfTile(keyToken, key -> Math.abs(query - key) % stride < width));
  }

  private boolean cellsKeep(ModalityCells cells, int queryToken, int keyToken) {
    boolean keeps = false;
    for (Modality queries : Modality.values()) {
      for (Modality keys : Modality.values()) {
        keeps |=
            anyTokenOfTile(queryToken, query -> isOf(cells, query, queries))
                && anyTokenOfTile(keyToken, key -> isOf(cells, key, keys))
                && new TokenMask(cells.cell(queries, keys), grid).keeps(queryToken, keyToken);
      }
    }
    return keeps;
  }

  private static boolean isOf(ModalityCells cells, int token, Modality modality) {
    long before = cells.boundaries().stream().filter(boundary -> boundary.count() <= token).count();
    return before % 2 == modality.ordinal();
  }

  private boolean tileKeeps(VideoPattern video, int queryToken, int keyToken) {
    var mask = new VideoMask(video, grid.video().orElseThrow());
    return anyTokenOfTile(
        queryToken, query -> anyTokenOfTile(keyToken, key -> mask.sees(query, key)));
  }

  private boolean anyTokenOfTile(int token, IntPredicate holds) {
    int tile = grid.tile().tokens();
    int first = token / tile * tile;
    return IntStream.range(first, Math.min(first + tile, grid.length().count())).anyMatch(holds);
  }

  private interface BlockPair {
    boolean test(int queryBlock, int keyBlock);
  }

  /** Whether it holds for a block of so many tokens in the query's tile, and one in the key's. */
  private boolean anyBlocksOfTiles(int queryToken, int keyToken, int blockTokens, BlockPair holds) {
    return blocksOfTile(queryToken, blockTokens)
        .anyMatch(
            query -> blocksOfTile(keyToken, blockTokens).anyMatch(key -> holds.test(query, key)));
  }

  private IntStream blocksOfTile(int token, int blockTokens) {
    int tile = grid.tile().tokens();
    int first = token / tile * tile;
    int last = Math.min(first + tile, grid.length().count()) - 1;
    return IntStream.rangeClosed(first / blockTokens, last / blockTokens);
  }

  private int tilesApart(int queryToken, int keyToken) {
    int tile = grid.tile().tokens();
    return Math.abs(queryToken / tile - keyToken / tile);
  }

  private boolean windowKeeps(double window, int queryToken, int keyToken) {
    int tilesApart = tilesApart(queryToken, keyToken);
    return tilesApart == 0 || (double) tilesApart * grid.tile().tokens() < window;
  }

  private boolean spanKeeps(Tokens sink, Tokens alpha, double beta, int queryToken, int keyToken) {
    double window = alpha.count() + Math.ceil(beta * grid.length().count());
    return anyTokenOfTile(keyToken, key -> key < sink.count())
        || windowKeeps(window, queryToken, keyToken);
  }
}
