package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileLists;
import java.util.Arrays;

/** The times of the thread blocks of one head, in launch order: one block for each query tile. */
public final class BlockTimes {
  private BlockTimes() {}

  /** Visited tiles of each query tile. */
  public static int[] visitedTiles(TileLists tiles) {
    var visited = new int[tiles.grid().tiles()];
    for (int queryTile = 0; queryTile < visited.length; queryTile++) {
      visited[queryTile] = tiles.count(queryTile);
    }
    return visited;
  }

  /**
   * The blocks' times in ticks of the {@link TileSimulator}. Block and tile are rounded to ticks
   * before they are added up, so that slots with as many blocks and tiles behind them free at the
   * very same tick.
   */
  public static long[] ticks(int[] visitedTiles, KernelConstants constants) {
    long block = TileSimulator.ticks(constants.blockMicros());
    long tile = TileSimulator.ticks(constants.tileMicros());
    return Arrays.stream(visitedTiles).mapToLong(tiles -> block + tiles * tile).toArray();
  }
}
