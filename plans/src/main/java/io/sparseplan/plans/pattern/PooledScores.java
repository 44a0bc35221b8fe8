package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * How much weight each key tile gets from a query tile of one head, by an estimate. When both are
 * pooled to their means: softmax over the visible key tiles j of q̄_i·k̄_j ÷ √headDim, what {@link
 * BlockTopK} and {@link BlockTopP} pick by. {@link AntidiagonalTopP} picks by antidiagonal sums.
 *
 * @param rows {@code [query tile][visible key tile]}, 0..1; 0 where no query of the tile may see a
 *     key of the other
 */
public record PooledScores(TileGrid grid, float[][] rows) {
  public PooledScores {
    if (rows.length != grid.tiles()) {
      throw new IllegalArgumentException(
          "There are scores of %d query tiles; the grid has %d."
              .formatted(rows.length, grid.tiles()));
    }
    for (int queryTile = 0; queryTile < rows.length; queryTile++) {
      int visible = grid.lastVisibleKeyTile(queryTile) + 1;
      if (rows[queryTile].length != visible) {
        throw new IllegalArgumentException(
            "Query tile %d has scores of %d key tiles; it sees %d."
                .formatted(queryTile, rows[queryTile].length, visible));
      }
    }
  }

  /**
   * The tile's own key tile and the first, then the others by falling weight, while they have any.
   * Beside a video, text tiles are always kept, and text queries keep all tiles.
   *
   * @param mostTiles how many at most, beside those that are always kept
   * @param enough the weight at which no more are taken
   */
  int[] heaviest(int queryTile, int mostTiles, double enough) {
    float[] row = rows[queryTile];
    boolean[] kept = new boolean[row.length];
    int count = 0;
    double weight = 0;
    for (int keyTile = 0; keyTile < row.length; keyTile++) {
      if (isAlwaysKept(queryTile, keyTile)) {
        kept[keyTile] = true;
        count++;
        weight += row[keyTile];
      }
    }
    while (count < mostTiles && weight < enough) {
      int heaviest = -1;
      for (int keyTile = 0; keyTile < row.length; keyTile++) {
        if (!kept[keyTile] && row[keyTile] > 0 && (heaviest < 0 || row[keyTile] > row[heaviest])) {
          heaviest = keyTile;
        }
      }
      if (heaviest < 0) {
        break;
      }
      kept[heaviest] = true;
      count++;
      weight += row[heaviest];
    }
    int[] tiles = new int[count];
    for (int keyTile = 0, at = 0; keyTile < row.length; keyTile++) {
      if (kept[keyTile]) {
        tiles[at++] = keyTile;
      }
    }
    return tiles;
  }

  private boolean isAlwaysKept(int queryTile, int keyTile) {
    return keyTile == 0
        || keyTile == queryTile
        || grid.holdsText(queryTile)
        || grid.holdsText(keyTile);
  }
}
