package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
 * <p>The ratios are searched over a grid of block times, then by random steps from the best that
 * were found, shorter whenever a round finds nothing better (a (1, λ) evolution strategy with a
 * success rule, Rechenberg 1973); the fewer the launches, the more such descents. The best of all
 * trials owe part of their small error to how blocks happen to fall, so the result is their mean,
 * which predicts other launches better. The steps come from fixed seeds.
 */
final class KernelFit {
  /** Which constants a fit looks for beside launch, block and tile time. */
  enum Detail {
    /** None: a kernel whose first blocks start at once and whose tiles all cost the same. */
    BLOCKS_AND_TILES(
        new BlockRatios(0, 0, 0, 0, 0, 0, 0, 0), new BlockRatios(0, 0, 0, 0.1, 0, 0, 0, 0)),
    /**
     * The start of blocks; their wait for memory, where they have a multiprocessor for themselves,
     * and what their neighbours hide of it where they share one; partial tiles, and the loop over
     * full ones; tiles without a causal mask.
     */
    STARTS_LOADS_AND_LOOPS(
        new BlockRatios(0.002, 0.01, 0.006, 0, 0.4, 0.4, 0.15, 0.015),
        new BlockRatios(0.0015, 0.002, 0.002, 0.15, 0.15, 0.12, 0.15, 0.006));

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

  /** A descent from the grid hardly ever takes half of the error away. */
  private static final double IN_THE_RUNNING = 0.5;

  /** More blocks each reproduce few rows a little better by chance. */
  private static final double HARDLY_BETTER = 0.9;

  private static final int SPEEDUP_STEPS = 30;
  private static final int MOST_ROUNDS = 24;
  private static final int TRIALS_A_ROUND = 12;
  private static final double SHORTER = 0.7;

  /** Shorter steps gain less than the rows are off. */
  private static final double LEAST_SCALE = 0.06;

  /** The error of few launches has many local minima; of many it is smooth, and takes long. */
  private static final int LAUNCHES_OF_ALL_DESCENTS = 600;

  /** As many settle their constants by themselves. */
  private static final int ENOUGH_LAUNCHES = 150;

  private static final int LEAST_DESCENTS = 2;
  private static final int MOST_DESCENTS = 6;

  private static final int AVERAGED_TRIALS = 12;

  /** Fewer do not tell a percent of the tile time from what blocks cost beside their tiles. */
  private static final int LEAST_OF_A_VISIBILITY = 30;

  private final int launchCount;
  private final GpuLaunches onThisGpu;
  private final GpuLaunches onEveryGpu;
  private final OptionalDouble launchMicros;
  private final BlockRatios firstGuess;
  private final BlockRatios steps;

  /**
   * @param launchesElsewhere of the same kernel shape, on each other GPU of the same chip. Blocks
   *     that share a multiprocessor cost the same there, but for the clock: their ratios are fitted
   *     to all GPUs together, and the tile time of each is its own. Where a block has a
   *     multiprocessor for itself, its wait for memory shows, so only this GPU's launches count
   * @param launchMicros as found for another shape of the same kernel on the same GPU
   */
  KernelFit(
      MeasuredLaunches launches,
      List<MeasuredLaunches> launchesElsewhere,
      Detail detail,
      OptionalDouble launchMicros) {
    this.launchCount = launches.count();
    this.onThisGpu = new GpuLaunches(launches, List.of());
    this.onEveryGpu =
        launches.count() < ENOUGH_LAUNCHES
            ? new GpuLaunches(launches, launchesElsewhere)
            : onThisGpu;
    this.launchMicros = launchMicros;
    boolean told = launches.leastOfAVisibility() >= LEAST_OF_A_VISIBILITY;
    this.firstGuess = told ? detail.firstGuess : detail.firstGuess.withoutBidirectional();
    this.steps = told ? detail.steps : detail.steps.withoutBidirectional();
  }

  /**
   * The best constants, to six digits.
   *
   * @param occupancies with one more block each than the one before; the first that fits hardly
   *     worse than the best of them is taken
   */
  KernelConstants best(List<Occupancy> occupancies) {
    List<List<Trial>> grids = occupancies.stream().map(this::grid).toList();
    double leastOfGrids = least(grids.stream().map(List::getFirst));
    List<Descended> inTheRunning =
        grids.stream()
            .filter(grid -> IN_THE_RUNNING * grid.getFirst().error() <= leastOfGrids)
            .map(grid -> new Descended(grid, descent(grid, 0)))
            .toList();
    double least = least(inTheRunning.stream().map(Descended::best));
    return inTheRunning.stream()
        .filter(descended -> HARDLY_BETTER * descended.best().error() <= least)
        .findFirst()
        .map(fewest -> constants(refined(fewest)))
        .orElseThrow();
  }

  private static double least(Stream<Trial> trials) {
    return trials.mapToDouble(Trial::error).min().orElseThrow();
  }

  /**
   * One number of blocks each.
   *
   * @param grid by error, the least first
   * @param first all trials of the descent from the best of the grid
   */
  private record Descended(List<Trial> grid, List<Trial> first) {
    Trial best() {
      return Collections.min(first, Comparator.comparingDouble(Trial::error));
    }
  }

  private record Trial(
      Occupancy occupancy, BlockRatios ratios, double aloneSpeedup, GpuLaunches.Fitted fitted) {
    double error() {
      return fitted.error();
    }
  }

  private static KernelConstants constants(Trial trial) {
    return trial.ratios.constants(
        trial.occupancy.withAloneSpeedup(rounded(trial.aloneSpeedup)),
        trial.fitted.times().launchMicros(),
        trial.fitted.times().tileMicros(),
        KernelFit::rounded);
  }

  /** By error, the least first. */
  private List<Trial> grid(Occupancy occupancy) {
    BlockRatios guess = applicable(firstGuess, occupancy);
    return trials(
        occupancy,
        IntStream.rangeClosed(0, GRID_STEPS)
            .mapToObj(i -> guess.withBlockTiles(i * GRID_STEP))
            .toList());
  }

  private static boolean isShared(Occupancy occupancy) {
    return occupancy.blocksEach() > 1;
  }

  private static BlockRatios applicable(BlockRatios ratios, Occupancy occupancy) {
    return isShared(occupancy) ? ratios.sharing() : ratios.alone();
  }

  private Trial refined(Descended descended) {
    int descents =
        Math.clamp(LAUNCHES_OF_ALL_DESCENTS / launchCount, LEAST_DESCENTS, MOST_DESCENTS);
    Stream<Trial> more =
        IntStream.range(1, descents)
            .mapToObj(rank -> descent(descended.grid, rank))
            .flatMap(List::stream);
    List<BlockRatios> best =
        Stream.concat(descended.first.stream(), more)
            .sorted(Comparator.comparingDouble(Trial::error))
            .limit(AVERAGED_TRIALS)
            .map(Trial::ratios)
            .toList();
    return bestSpeedup(descended.best().occupancy, BlockRatios.mean(best));
  }

  /**
   * All trials on the way from one of the grid.
   *
   * @param rank 0 of the best
   */
  private List<Trial> descent(List<Trial> grid, int rank) {
    var random = new SplittableRandom(SEED + rank);
    var all = new ArrayList<Trial>();
    Trial best = grid.get(rank);
    double scale = 1;
    for (int round = 0; round < MOST_ROUNDS && scale >= LEAST_SCALE; round++) {
      List<Trial> tried = trials(best.occupancy, neighbours(best, scale, random));
      all.addAll(tried);
      if (tried.getFirst().error() < best.error()) {
        best = tried.getFirst();
      } else {
        scale *= SHORTER;
      }
    }
    return all;
  }

  private List<BlockRatios> neighbours(Trial best, double scale, RandomGenerator random) {
    BlockRatios stepsHere = applicable(steps, best.occupancy);
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
        isShared(occupancy)
            ? IntStream.rangeClosed(0, SPEEDUP_STEPS)
                .mapToDouble(i -> Math.pow(occupancy.blocksEach(), (double) i / SPEEDUP_STEPS))
                .toArray()
            : new double[] {1};
    GpuLaunches launches = isShared(occupancy) ? onEveryGpu : onThisGpu;
    List<GpuLaunches.Fitted> fits =
        launches.fit(ratios.constants(occupancy), speedups, launchMicros);
    return IntStream.range(0, speedups.length)
        .mapToObj(i -> new Trial(occupancy, ratios, speedups[i], fits.get(i)))
        .min(Comparator.comparingDouble(Trial::error))
        .orElseThrow();
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
