package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * The constants that shape a schedule, in units of a full tile: multiplying all of them and the
 * tile by one number multiplies the makespan by it and changes no block's slot.
 */
record BlockRatios(
    double startTiles,
    double loadTiles,
    double cachedLoadTiles,
    double blockTiles,
    double partialTiles,
    double fullTiles) {
  /** Of a launch without launch time whose full tiles last a microsecond. */
  KernelConstants constants(Occupancy occupancy) {
    return constants(occupancy, 0, 1, DoubleUnaryOperator.identity());
  }

  /**
   * @param rounding of every time, in microseconds
   */
  KernelConstants constants(
      Occupancy occupancy, double launchMicros, double tileMicros, DoubleUnaryOperator rounding) {
    double block = rounding.applyAsDouble(blockTiles * tileMicros);
    double load = Math.min(rounding.applyAsDouble(loadTiles * tileMicros), block);
    double start = rounding.applyAsDouble(startTiles * tileMicros);
    return new KernelConstants(
        occupancy,
        rounding.applyAsDouble(launchMicros),
        load > 0 ? Math.min(start, block / (2 * occupancy.slots())) : start,
        load,
        Math.min(rounding.applyAsDouble(cachedLoadTiles * tileMicros), load),
        block,
        rounding.applyAsDouble(tileMicros),
        rounding.applyAsDouble(partialTiles * tileMicros),
        rounding.applyAsDouble(fullTiles * tileMicros));
  }

  BlockRatios withBlockTiles(double tiles) {
    return new BlockRatios(startTiles, loadTiles, cachedLoadTiles, tiles, partialTiles, fullTiles);
  }

  BlockRatios withoutLoad() {
    return new BlockRatios(startTiles, 0, 0, blockTiles, partialTiles, fullTiles);
  }

  /** A neighbour, normally distributed about this one; a {@code steps} of zero stays. */
  BlockRatios near(BlockRatios steps, double scale, RandomGenerator random) {
    return new BlockRatios(
        moved(startTiles, steps.startTiles * scale, random),
        moved(loadTiles, steps.loadTiles * scale, random),
        moved(cachedLoadTiles, steps.cachedLoadTiles * scale, random),
        moved(blockTiles, steps.blockTiles * scale, random),
        moved(partialTiles, steps.partialTiles * scale, random),
        moved(fullTiles, steps.fullTiles * scale, random));
  }

  private static double moved(double value, double step, RandomGenerator random) {
    return Math.max(0, value + step * random.nextGaussian());
  }
}
