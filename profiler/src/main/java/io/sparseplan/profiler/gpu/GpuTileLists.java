package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileLists;
import java.util.List;

/**
 * The tile lists of every query head on the GPU: [heads][queryTiles + 1] starts, then the tiles.
 */
public final class GpuTileLists implements AutoCloseable {
  private final GpuBuffer rowStarts;
  private final GpuBuffer keyTiles;

  private GpuTileLists(GpuBuffer rowStarts, GpuBuffer keyTiles) {
    this.rowStarts = rowStarts;
    this.keyTiles = keyTiles;
  }

  /**
   * @param heads of each query head, all over one grid; fewer than 2³¹ tiles in all
   */
  public static GpuTileLists upload(GpuSession gpu, List<TileLists> heads) {
    long total = heads.stream().mapToLong(TileLists::total).sum();
    int queryTiles = heads.getFirst().grid().tiles();
    int[] starts = new int[Math.multiplyExact(heads.size(), queryTiles + 1)];
    int[] tiles = new int[Math.toIntExact(total)];
    int start = 0;
    int tile = 0;
    for (TileLists head : heads) {
      starts[start++] = tile;
      for (int queryTile = 0; queryTile < queryTiles; queryTile++) {
        int count = head.count(queryTile);
        for (int nth = 0; nth < count; nth++) {
          tiles[tile++] = head.keyTile(queryTile, nth);
        }
        starts[start++] = tile;
      }
    }
    GpuBuffer rowStarts = gpu.allocate("the starts of tile lists", (long) Integer.BYTES * start);
    rowStarts.upload(starts);
    // A launch must get an address even where no head visits anything.
    GpuBuffer keyTiles =
        gpu.allocate("the tile lists", (long) Integer.BYTES * Math.max(1, tiles.length));
    keyTiles.upload(tiles);
    return new GpuTileLists(rowStarts, keyTiles);
  }

  GpuBuffer rowStarts() {
    return rowStarts;
  }

  GpuBuffer keyTiles() {
    return keyTiles;
  }

  @Override
  public void close() {
    rowStarts.close();
    keyTiles.close();
  }
}
