package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import java.util.BitSet;

/**
 * Columns of keys and diagonals of a fixed distance between query and key, and the tiles that they
 * cross. A diagonal of one token's width crosses two tiles of most rows.
 *
 * @param columns tokens
 * @param distances how far the key lies before the query, in tokens
 */
record Lines(int[] columns, int[] distances) {
  /**
   * The visible tiles that a line crosses within the query tile's rows, and the query tile's own,
   * strictly ascending. Lines beyond the grid cross nothing.
   */
  int[] keyTiles(TileGrid grid, int queryTile) {
    int last = grid.lastVisibleKeyTile(queryTile);
    int tile = grid.tile().tokens();
    var tiles = new BitSet(last + 1);
    tiles.set(queryTile);
    for (int column : columns) {
      if (column < grid.endToken(last)) {
        tiles.set(column / tile);
      }
    }
    int firstQuery = grid.firstToken(queryTile);
    int lastQuery = grid.endToken(queryTile) - 1;
    for (int distance : distances) {
      if (distance <= lastQuery) {
        tiles.set(
            Math.max(0, Math.floorDiv(firstQuery - distance, tile)),
            (lastQuery - distance) / tile + 1);
      }
    }
    return tiles.stream().toArray();
  }
}
