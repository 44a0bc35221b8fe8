package io.sparseplan.plans.geometry;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The key tiles that each query tile visits, ascending, in compressed rows. This is the one form in
 * which a pattern reaches the profiler, the cost model, the evaluator and the exporters.
 */
public final class TileLists {
  private final TileGrid grid;
  private final int[] rowStart;
  private final int[] keyTiles;

  private TileLists(TileGrid grid, int[] rowStart, int[] keyTiles) {
    this.grid = grid;
    this.rowStart = rowStart;
    this.keyTiles = keyTiles;
  }

  /**
   * @param keyTilesOfQueryTile for each query tile the key tiles, strictly ascending and visible
   * @throws IllegalArgumentException if a list is not ascending or leaves the visible tiles
   */
  public static TileLists of(TileGrid grid, IntFunction<int[]> keyTilesOfQueryTile) {
    int rows = grid.tiles();
    int[] rowStart = new int[rows + 1];
    int[] all = new int[Math.max(16, rows * 4)];
    for (int queryTile = 0; queryTile < rows; queryTile++) {
      int[] row = keyTilesOfQueryTile.apply(queryTile);
      int previous = -1;
      for (int keyTile : row) {
        if (keyTile <= previous || keyTile > grid.lastVisibleKeyTile(queryTile)) {
          throw new IllegalArgumentException(
              "The key tiles %s of query tile %d must ascend within 0..%d."
                  .formatted(Arrays.toString(row), queryTile, grid.lastVisibleKeyTile(queryTile)));
        }
        previous = keyTile;
      }
      int start = rowStart[queryTile];
      if (start + row.length > all.length) {
        all = Arrays.copyOf(all, Math.max(all.length * 2, start + row.length));
      }
      System.arraycopy(row, 0, all, start, row.length);
      rowStart[queryTile + 1] = start + row.length;
    }
    return new TileLists(grid, rowStart, Arrays.copyOf(all, rowStart[rows]));
  }

  public TileGrid grid() {
    return grid;
  }

  /** How many key tiles the query tile visits. */
  public int count(int queryTile) {
    return rowStart[queryTile + 1] - rowStart[queryTile];
  }

  /** The {@code nth} key tile of the query tile, from 0. */
  public int keyTile(int queryTile, int nth) {
    int at = rowStart[queryTile] + nth;
    if (nth < 0 || at >= rowStart[queryTile + 1]) {
      throw new IndexOutOfBoundsException(
          "Query tile %d visits %d key tiles; asked for number %d."
              .formatted(queryTile, count(queryTile), nth));
    }
    return keyTiles[at];
  }

  /** Whether the query tile visits the key tile. */
  public boolean visits(int queryTile, int keyTile) {
    return Arrays.binarySearch(keyTiles, rowStart[queryTile], rowStart[queryTile + 1], keyTile)
        >= 0;
  }

  /** Visited tiles over all query tiles. */
  public int total() {
    return keyTiles.length;
  }

  /** Visited tiles ÷ tiles that dense attention visits, 0..1. */
  public double density() {
    return (double) total() / grid.denseTiles();
  }
}
