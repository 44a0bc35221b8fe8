package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.util.random.RandomGenerator;

/**
 * The constants that shape a schedule, in units of a full tile: multiplying all of them and the
 * tile by one number multiplies the makespan by it and changes no block's slot.
 */
record BlockRatios(double startTiles, double blockTiles, double partialTiles) {
  /** Of a launch without launch time whose full tiles last a microsecond. */
  KernelConstants constants(Occupancy occupancy) {
    return new KernelConstants(occupancy, 0, startTiles, blockTiles, 1, partialTiles);
  }

  BlockRatios withStartTiles(double tiles) {
    return new BlockRatios(tiles, blockTiles, partialTiles);
  }

  /** A neighbour, normally distributed about this one; a {@code steps} of zero stays. */
  BlockRatios near(BlockRatios steps, double scale, RandomGenerator random) {
    return new BlockRatios(
        moved(startTiles, steps.startTiles * scale, random),
        moved(blockTiles, steps.blockTiles * scale, random),
        moved(partialTiles, steps.partialTiles * scale, random));
  }

  private static double moved(double value, double step, RandomGenerator random) {
    return Math.max(0, value + step * random.nextGaussian());
  }
}
