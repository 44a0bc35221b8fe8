package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import java.util.Arrays;
import java.util.List;

/**
 * The block times of every candidate at one length. A block's time depends on nothing but the
 * number of full and partial tiles that its query tile visits.
 */
record CandidatePrices(TileGrid grid, List<long[]> ticks, long[] work, double[] densities) {
  static CandidatePrices of(TileGrid grid, KernelConstants constants, List<Pattern> candidates) {
    List<TileLists> tiles =
        candidates.stream().map(pattern -> FixedPattern.of(pattern).on(grid)).toList();
    List<long[]> ticks =
        tiles.stream().map(lists -> BlockTimes.ticks(BlockTiles.of(lists), constants)).toList();
    return new CandidatePrices(
        grid,
        ticks,
        ticks.stream().mapToLong(blocks -> Arrays.stream(blocks).sum()).toArray(),
        tiles.stream().mapToDouble(TileLists::density).toArray());
  }

  long[] blockTicks(int candidate) {
    return ticks.get(candidate);
  }

  long workTicks(int candidate) {
    return work[candidate];
  }

  double density(int candidate) {
    return densities[candidate];
  }
}
