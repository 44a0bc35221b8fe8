package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds the constants with the smallest mean relative error over measured launches; the mean of
 * |relative error| is less moved by outliers than its square.
 *
 * <p>The error has kinks wherever another slot becomes the last and jumps wherever a block changes
 * its slot, so descending on it ends in one of many local minima. But if all block times are
 * multiplied by a number, so is the makespan. Hence the schedule depends only on the ratio of block
 * to tile time, and given the schedules the best launch and tile times are a convex problem ({@link
 * LaunchAndTile}). The speed-up of lone blocks changes no schedule, only its end. So one simulation
 * for each ratio is enough to try every speed-up and every scale, and the ratio is searched over a
 * grid, then over a finer one about the best.
 */
final class KernelFit {
  private static final MathContext DIGITS = new MathContext(6);

  /**
   * Up to 6 tiles a block. The step is no simple fraction: a ratio such as 9/4 would make blocks
   * end together that never do on a GPU.
   */
  private static final Grid BLOCK_TILES = new Grid(0, 0.10973, 55);

  private static final int FINER = 10;

  private final MeasuredLaunches launches;
  private final OptionalDouble launchMicros;

  /**
   * @param launchMicros as found for another shape of the same kernel on the same GPU
   */
  KernelFit(MeasuredLaunches launches, OptionalDouble launchMicros) {
    this.launches = launches;
    this.launchMicros = launchMicros;
  }

  /** The best constants, to six digits, with one of these occupancies. */
  KernelConstants best(List<Occupancy> occupancies) {
    return occupancies.stream()
        .map(this::best)
        .min(Comparator.comparingDouble(Trial::error))
        .map(Trial::constants)
        .orElseThrow();
  }

  /** Evenly spaced values, {@code count} steps beyond the first. */
  private record Grid(double first, double step, int count) {
    double[] values() {
      return IntStream.rangeClosed(0, count).mapToDouble(i -> first + i * step).toArray();
    }

    Grid about(double value) {
      double start = Math.max(first, value - step);
      return new Grid(start, step / FINER, 2 * FINER);
    }
  }

  private record Trial(
      Occupancy occupancy, double blockTiles, double aloneSpeedup, LaunchAndTile times) {
    double error() {
      return times.meanError();
    }

    KernelConstants constants() {
      return new KernelConstants(
          occupancy.withAloneSpeedup(rounded(aloneSpeedup)),
          rounded(times.launchMicros()),
          rounded(blockTiles * times.tileMicros()),
          rounded(times.tileMicros()));
    }
  }

  private Trial best(Occupancy occupancy) {
    Grid speedups = new Grid(1, 0.2, 5 * (occupancy.blocksEach() - 1));
    Trial coarse = best(occupancy, BLOCK_TILES, speedups.values());
    double[] finer =
        Arrays.stream(speedups.about(coarse.aloneSpeedup).values())
            .filter(speedup -> speedup <= occupancy.blocksEach())
            .toArray();
    return best(occupancy, BLOCK_TILES.about(coarse.blockTiles), finer);
  }

  private Trial best(Occupancy occupancy, Grid blockTiles, double[] aloneSpeedups) {
    List<Trial> trials =
        Arrays.stream(blockTiles.values())
            .parallel()
            .boxed()
            .flatMap(ratio -> trials(occupancy, ratio, aloneSpeedups))
            .toList();
    return trials.stream().min(Comparator.comparingDouble(Trial::error)).orElseThrow();
  }

  private Stream<Trial> trials(Occupancy occupancy, double blockTiles, double[] aloneSpeedups) {
    double[][] makespans = launches.makespanTiles(occupancy, blockTiles, aloneSpeedups);
    double[] measured = launches.measuredMicros();
    return IntStream.range(0, aloneSpeedups.length)
        .mapToObj(
            i ->
                new Trial(
                    occupancy,
                    blockTiles,
                    aloneSpeedups[i],
                    LaunchAndTile.fit(makespans[i], measured, launchMicros)));
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
