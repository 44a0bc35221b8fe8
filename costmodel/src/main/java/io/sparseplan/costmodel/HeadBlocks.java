package io.sparseplan.costmodel;

import java.util.Arrays;

/**
 * The thread blocks of one head. Heads of one pattern at one length have the same object.
 *
 * @param ticks the blocks' times in ticks of the {@link TileSimulator}, in launch order
 * @param isDense whether they visit all that dense attention visits, by name
 */
record HeadBlocks(long[] ticks, long workTicks, long longestTicks, boolean isDense) {
  static HeadBlocks of(long[] ticks, boolean isDense) {
    return new HeadBlocks(
        ticks, Arrays.stream(ticks).sum(), Arrays.stream(ticks).max().orElse(0), isDense);
  }
}
