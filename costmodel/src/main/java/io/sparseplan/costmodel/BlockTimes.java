package io.sparseplan.costmodel;

/** The times of the thread blocks of one head, in launch order. */
public final class BlockTimes {
  private BlockTimes() {}

  /**
   * The blocks' times in ticks of the {@link TileSimulator}. The constants are rounded to ticks
   * before they are added up, so that slots with as many blocks and tiles behind them free at the
   * very same tick.
   */
  public static long[] ticks(BlockTiles tiles, KernelConstants constants) {
    long block = TileSimulator.ticks(constants.blockMicros());
    long tile = TileSimulator.ticks(constants.tileMicros());
    long partial = TileSimulator.ticks(constants.partialMicros());
    long full = TileSimulator.ticks(constants.fullMicros());
    long[] ticks = new long[tiles.count()];
    for (int i = 0; i < ticks.length; i++) {
      int visited = tiles.visited()[i];
      int partials = tiles.partial()[i];
      ticks[i] = block + visited * tile + partials * partial + (visited > partials ? full : 0);
    }
    return ticks;
  }
}
