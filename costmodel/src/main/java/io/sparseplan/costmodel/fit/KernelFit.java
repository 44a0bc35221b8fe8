package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Finds the constants with the smallest mean relative error over measured launches; the mean of
 * |relative error| is less moved by outliers than its square.
 *
 * <p>The error has kinks wherever another slot becomes the last and jumps wherever a block changes
 * its slot, so descending on it ends in one of many local minima. But the schedule depends only on
 * {@link BlockRatios}, and given the schedules the best launch and tile times are a convex problem
 * ({@link LaunchAndTile}). The speed-up of lone blocks changes no schedule, only its end, so one
 * simulation for each ratio is enough to try every speed-up and every scale.
 *
 * <p>The ratios are searched over a grid of block times, which settles how many blocks share a
 * multiprocessor, then by random steps from the best that were found, shorter whenever a round
 * finds nothing better (a (1, λ) evolution strategy with a success rule, Rechenberg 1973); the
 * fewer the launches, the more such descents. The steps come from fixed seeds.
 */
final class KernelFit {
  /** Which constants a fit looks for beside launch, block and tile time. */
  enum Detail {
    /** None: a kernel whose first blocks start at once and whose tiles all cost the same. */
    BLOCKS_AND_TILES(new BlockRatios(0, 0, 0, 0, 0, 0), new BlockRatios(0, 0, 0, 0.1, 0, 0)),
    /**
     * The start of blocks; their wait for memory, where they have a multiprocessor for themselves;
     * partial tiles, and the loop over full ones.
     */
    STARTS_LOADS_AND_LOOPS(
        new BlockRatios(0.002, 0.01, 0.006, 0, 0.1, 0.15),
        new BlockRatios(0.0015, 0.002, 0.002, 0.15, 0.12, 0.15));

    private final BlockRatios firstGuess;
    private final BlockRatios steps;

    Detail(BlockRatios firstGuess, BlockRatios steps) {
      this.firstGuess = firstGuess;
      this.steps = steps;
    }
  }

  private static final MathContext DIGITS = new MathContext(6);
  private static final long SEED = 20;

  /**
   * Up to 4 tiles a block. The step is no simple fraction: a ratio such as 9/4 would make blocks
   * end together that never do on a GPU.
   */
  private static final double GRID_STEP = 0.31947;

  private static final int GRID_STEPS = 12;

  /** More blocks each reproduce few rows a little better by chance. */
  private static final double HARDLY_BETTER = 0.9;

  private static final int SPEEDUP_STEPS = 30;
  private static final int ROUNDS = 24;
  private static final int TRIALS_A_ROUND = 12;
  private static final double SHORTER = 0.7;

  /** The error of few launches has many local minima; of many it is smooth, and takes long. */
  private static final int LAUNCHES_OF_ALL_DESCENTS = 300;

  private static final int MOST_DESCENTS = 5;

  private final MeasuredLaunches launches;
  private final OptionalDouble launchMicros;
  private final BlockRatios firstGuess;
  private final BlockRatios steps;

  /**
   * @param launchMicros as found for another shape of the same kernel on the same GPU
   */
  KernelFit(MeasuredLaunches launches, Detail detail, OptionalDouble launchMicros) {
    this.launches = launches;
    this.launchMicros = launchMicros;
    this.firstGuess = detail.firstGuess;
    this.steps = detail.steps;
  }

  /**
   * The best constants, to six digits.
   *
   * @param occupancies with one more block each than the one before; the first that fits hardly
   *     worse than the best of them is taken
   */
  KernelConstants best(List<Occupancy> occupancies) {
    List<List<Trial>> grids = occupancies.stream().map(this::grid).toList();
    double least = grids.stream().mapToDouble(grid -> grid.getFirst().error()).min().orElseThrow();
    List<Trial> fewest =
        grids.stream()
            .filter(grid -> HARDLY_BETTER * grid.getFirst().error() <= least)
            .findFirst()
            .orElseThrow();
    return constants(refined(fewest));
  }

  private record Trial(
      Occupancy occupancy, BlockRatios ratios, double aloneSpeedup, LaunchAndTile times) {
    double error() {
      return times.meanError();
    }
  }

  private static KernelConstants constants(Trial trial) {
    return trial.ratios.constants(
        trial.occupancy.withAloneSpeedup(rounded(trial.aloneSpeedup)),
        trial.times.launchMicros(),
        trial.times.tileMicros(),
        KernelFit::rounded);
  }

  /** By error, the least first. */
  private List<Trial> grid(Occupancy occupancy) {
    BlockRatios guess = waits(occupancy) ? firstGuess : firstGuess.withoutLoad();
    return trials(
        occupancy,
        IntStream.rangeClosed(0, GRID_STEPS)
            .mapToObj(i -> guess.withBlockTiles(i * GRID_STEP))
            .toList());
  }

  /** Where several blocks share a multiprocessor, one computes while another waits for memory. */
  private static boolean waits(Occupancy occupancy) {
    return occupancy.blocksEach() == 1;
  }

  private Trial refined(List<Trial> grid) {
    int descents = Math.clamp(LAUNCHES_OF_ALL_DESCENTS / launches.count(), 1, MOST_DESCENTS);
    return IntStream.range(0, descents)
        .mapToObj(i -> descended(grid.get(i), new SplittableRandom(SEED + i)))
        .min(Comparator.comparingDouble(Trial::error))
        .orElseThrow();
  }

  private Trial descended(Trial first, RandomGenerator random) {
    Trial best = first;
    double scale = 1;
    for (int round = 0; round < ROUNDS; round++) {
      Trial better = trials(first.occupancy, neighbours(best, scale, random)).getFirst();
      if (better.error() < best.error()) {
        best = better;
      } else {
        scale *= SHORTER;
      }
    }
    return best;
  }

  private List<BlockRatios> neighbours(Trial best, double scale, RandomGenerator random) {
    BlockRatios stepsHere = waits(best.occupancy) ? steps : steps.withoutLoad();
    var neighbours = new ArrayList<BlockRatios>();
    for (int i = 0; i < TRIALS_A_ROUND; i++) {
      neighbours.add(best.ratios.near(stepsHere, scale, random));
    }
    return neighbours;
  }

  /** By error, the least first. */
  private List<Trial> trials(Occupancy occupancy, List<BlockRatios> ratios) {
    List<Trial> trials =
        ratios.parallelStream().map(tried -> bestSpeedup(occupancy, tried)).toList();
    return trials.stream().sorted(Comparator.comparingDouble(Trial::error)).toList();
  }

  private Trial bestSpeedup(Occupancy occupancy, BlockRatios ratios) {
    double[] speedups =
        occupancy.blocksEach() == 1
            ? new double[] {1}
            : IntStream.rangeClosed(0, SPEEDUP_STEPS)
                .mapToDouble(i -> Math.pow(occupancy.blocksEach(), (double) i / SPEEDUP_STEPS))
                .toArray();
    double[][] makespans = launches.makespanTiles(ratios.constants(occupancy), speedups);
    double[] measured = launches.measuredMicros();
    return IntStream.range(0, speedups.length)
        .mapToObj(
            i ->
                new Trial(
                    occupancy,
                    ratios,
                    speedups[i],
                    LaunchAndTile.fit(makespans[i], measured, launchMicros)))
        .min(Comparator.comparingDouble(Trial::error))
        .orElseThrow();
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
