package io.sparseplan.costmodel;

import java.util.Arrays;

/**
 * The thread blocks of one head.
 *
 * @param ticks the blocks' times in ticks of the {@link TileSimulator}, in launch order
 * @param isDense whether they visit all that dense attention visits, by name
 * @param sharesLaunch heads of which this is equal go into one launch where a runtime has one for
 *     each pattern
 */
record HeadBlocks(
    long[] ticks, long workTicks, long longestTicks, boolean isDense, Object sharesLaunch) {
  static HeadBlocks of(long[] ticks, boolean isDense, Object sharesLaunch) {
    return new HeadBlocks(
        ticks,
        Arrays.stream(ticks).sum(),
        Arrays.stream(ticks).max().orElse(0),
        isDense,
        sharesLaunch);
  }
}
