package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
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
    double hiddenTiles,
    double partialTiles,
    double fullTiles,
    double bidirectionalTiles) {
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
        rounding.applyAsDouble(hiddenTiles * tileMicros),
        rounding.applyAsDouble(tileMicros),
        rounding.applyAsDouble(partialTiles * tileMicros),
        rounding.applyAsDouble(fullTiles * tileMicros),
        rounding.applyAsDouble(bidirectionalTiles * tileMicros));
  }

  BlockRatios withBlockTiles(double tiles) {
    return new BlockRatios(
        startTiles,
        loadTiles,
        cachedLoadTiles,
        tiles,
        hiddenTiles,
        partialTiles,
        fullTiles,
        bidirectionalTiles);
  }

  /** Where several blocks share a multiprocessor, one computes while another waits for memory. */
  BlockRatios sharing() {
    return new BlockRatios(
        startTiles, 0, 0, blockTiles, hiddenTiles, partialTiles, fullTiles, bidirectionalTiles);
  }

  /** Where a block has a multiprocessor for itself, no other hides what it waits for. */
  BlockRatios alone() {
    return new BlockRatios(
        startTiles,
        loadTiles,
        cachedLoadTiles,
        blockTiles,
        0,
        partialTiles,
        fullTiles,
        bidirectionalTiles);
  }

  BlockRatios withoutBidirectional() {
    return new BlockRatios(
        startTiles,
        loadTiles,
        cachedLoadTiles,
        blockTiles,
        hiddenTiles,
        partialTiles,
        fullTiles,
        0);
  }

  static BlockRatios mean(List<BlockRatios> all) {
    return new BlockRatios(
        mean(all, BlockRatios::startTiles),
        mean(all, BlockRatios::loadTiles),
        mean(all, BlockRatios::cachedLoadTiles),
        mean(all, BlockRatios::blockTiles),
        mean(all, BlockRatios::hiddenTiles),
        mean(all, BlockRatios::partialTiles),
        mean(all, BlockRatios::fullTiles),
        mean(all, BlockRatios::bidirectionalTiles));
  }

  private static double mean(List<BlockRatios> all, ToDoubleFunction<BlockRatios> ratio) {
    return all.stream().mapToDouble(ratio).average().orElseThrow();
  }

  /** A neighbour, normally distributed about this one; a {@code steps} of zero stays. */
  BlockRatios near(BlockRatios steps, double scale, RandomGenerator random) {
    return new BlockRatios(
        moved(startTiles, steps.startTiles * scale, random),
        moved(loadTiles, steps.loadTiles * scale, random),
        moved(cachedLoadTiles, steps.cachedLoadTiles * scale, random),
        moved(blockTiles, steps.blockTiles * scale, random),
        moved(hiddenTiles, steps.hiddenTiles * scale, random),
        moved(partialTiles, steps.partialTiles * scale, random),
        moved(fullTiles, steps.fullTiles * scale, random),
        moved(bidirectionalTiles, steps.bidirectionalTiles * scale, random));
  }

  private static double moved(double value, double step, RandomGenerator random) {
    return Math.max(0, value + step * random.nextGaussian());
  }
}
