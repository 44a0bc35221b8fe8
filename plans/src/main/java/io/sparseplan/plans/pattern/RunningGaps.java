package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * How far the scores of each key tile of one head stay below the highest so far, where a kernel
 * takes key tiles in ascending order. What {@link SkipSoftmax} decides by.
 *
 * @param rows {@code [query tile][visible key tile]}: the largest, over the queries of the tile, of
 *     the maximum of q·k ÷ √headDim on the key tile less that on it and all before it; 0 or less,
 *     −∞ where no query sees a key of the tile
 */
public record RunningGaps(TileGrid grid, double[][] rows) {
  public RunningGaps {
    if (rows.length != grid.tiles()) {
      throw new IllegalArgumentException(
          "There are gaps of %d query tiles; the grid has %d."
              .formatted(rows.length, grid.tiles()));
    }
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      if (rows[queryTile].length != grid.lastVisibleKeyTile(queryTile) + 1) {
        throw new IllegalArgumentException(
            "Query tile %d has gaps of %d key tiles; it sees %d."
                .formatted(
                    queryTile, rows[queryTile].length, grid.lastVisibleKeyTile(queryTile) + 1));
      }
    }
  }
}
