package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tiles that patterns visit in layers that see only so far back: a kernel skips a tile that
 * lies wholly beyond the reach, of a dense head too.
 */
record ReachedTiles(TileGrid grid, AttentionReach reach) {
  /** The same tokens in other tiles. */
  ReachedTiles inTilesOf(TileSize tile) {
    return new ReachedTiles(
        new TileGrid(grid.length(), tile, grid.visibility(), grid.video()), reach);
  }

  /** What a pattern visits within reach. */
  TileLists of(FixedPattern pattern) {
    return clipped(pattern.on(grid));
  }

  /** What any of the patterns visits within reach. */
  TileLists union(List<FixedPattern> patterns) {
    List<TileLists> ofEach = patterns.stream().map(pattern -> pattern.on(grid)).toList();
    return clipped(
        TileLists.of(
            grid,
            queryTile ->
                ofEach.stream()
                    .flatMapToInt(lists -> keyTiles(lists, queryTile))
                    .distinct()
                    .sorted()
                    .toArray()));
  }

  /** Tiles that dense attention visits within reach. */
  long denseTiles() {
    return switch (reach) {
      case AttentionReach.Everything everything -> grid.denseTiles();
      case AttentionReach.SlidingWindow window -> of(new Dense()).total();
    };
  }

  /**
   * Visited tiles, and those of them of which some entries are hidden: by the causal diagonal, or
   * by the end of the reach.
   */
  BlockTiles blocks(TileLists tiles) {
    BlockTiles blocks = BlockTiles.of(tiles);
    return switch (reach) {
      case AttentionReach.Everything everything -> blocks;
      case AttentionReach.SlidingWindow window -> {
        int[] partial = blocks.partial().clone();
        Arrays.setAll(partial, queryTile -> partial[queryTile] + hiddenInPart(tiles, queryTile));
        yield new BlockTiles(blocks.visited(), partial);
      }
    };
  }

  /** Tiles before the query's own that hold a key which the tile's last query no longer sees. */
  private int hiddenInPart(TileLists tiles, int queryTile) {
    int first = reach.firstKey(grid.endToken(queryTile) - 1);
    return (int)
        keyTiles(tiles, queryTile)
            .filter(keyTile -> keyTile < queryTile && grid.firstToken(keyTile) < first)
            .count();
  }

  private static IntStream keyTiles(TileLists lists, int queryTile) {
    return IntStream.range(0, lists.count(queryTile)).map(nth -> lists.keyTile(queryTile, nth));
  }

  private TileLists clipped(TileLists lists) {
    return switch (reach) {
      case AttentionReach.Everything everything -> lists;
      case AttentionReach.SlidingWindow window -> {
        requireCausal();
        yield TileLists.of(
            grid,
            queryTile -> {
              int first = reach.firstKey(grid.firstToken(queryTile));
              return keyTiles(lists, queryTile)
                  .filter(keyTile -> grid.endToken(keyTile) > first)
                  .toArray();
            });
      }
    };
  }

  private void requireCausal() {
    if (grid.visibility() != Visibility.CAUSAL) {
      throw new IllegalArgumentException(
          "The reach (%s) is of causal layers; the grid is %s."
              .formatted(reach, grid.visibility()));
    }
  }
}
