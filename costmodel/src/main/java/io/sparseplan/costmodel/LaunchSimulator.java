package io.sparseplan.costmodel;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The makespan of one launch: that of the {@link TileSimulator}, on average over the runs of its
 * {@link BlockJitter}. For use in one thread.
 */
public final class LaunchSimulator {
  private final BlockJitter jitter;
  private final TileSimulator[] runs;
  private long placed;

  /**
   * @param constants of the launch, see {@link KernelConstants#reading}
   * @param blocks that will be placed
   */
  public LaunchSimulator(KernelConstants constants, long blocks) {
    this.jitter = BlockJitter.of(constants.occupancy(), blocks);
    this.runs =
        IntStream.range(0, jitter.runs())
            .mapToObj(_ -> new TileSimulator(constants))
            .toArray(TileSimulator[]::new);
  }

  /**
   * For a launch of these heads.
   *
   * @param ticksOfHead the blocks of each head for one prompt
   * @param batch prompts, each of which runs every head's blocks
   */
  static LaunchSimulator of(KernelConstants constants, List<long[]> ticksOfHead, int batch) {
    long blocks = ticksOfHead.stream().mapToLong(ticks -> ticks.length).sum() * batch;
    return new LaunchSimulator(constants, blocks);
  }

  /** Where a launch stands after some of its blocks, to go on from there later. */
  public static final class Checkpoint {
    private final TileSimulator.Checkpoint[] ofRuns;
    private long placed;

    /** Where this simulator stands now. */
    public Checkpoint(LaunchSimulator simulator) {
      this.ofRuns =
          Arrays.stream(simulator.runs)
              .map(TileSimulator.Checkpoint::new)
              .toArray(TileSimulator.Checkpoint[]::new);
      this.placed = simulator.placed;
    }
  }

  /** Keeps where the launch stands now. */
  public void save(Checkpoint checkpoint) {
    for (int run = 0; run < runs.length; run++) {
      runs[run].save(checkpoint.ofRuns[run]);
    }
    checkpoint.placed = placed;
  }

  /** Goes back, or forward, to where the launch stood when the checkpoint was saved. */
  public void restore(Checkpoint checkpoint) {
    for (int run = 0; run < runs.length; run++) {
      runs[run].restore(checkpoint.ofRuns[run]);
    }
    placed = checkpoint.placed;
  }

  /**
   * Places blocks after those placed before, the whole sequence {@code times} times over.
   *
   * @param blockTicks the blocks' exact times in launch order; see {@link TileSimulator#place}
   */
  public void place(long[] blockTicks, int times) {
    if (runs.length == 1) {
      runs[0].place(blockTicks, times);
    } else {
      for (int time = 0; time < times; time++) {
        for (int run = 0; run < runs.length; run++) {
          runs[run].place(jitter.ticks(blockTicks, run, placed), 1);
        }
        placed += blockTicks.length;
      }
    }
  }

  /** When the last of the placed blocks ends, in microseconds, on average. */
  public double makespanMicros() {
    return Arrays.stream(runs).mapToDouble(TileSimulator::makespanMicros).sum() / runs.length;
  }

  /**
   * The same with other speed-ups of lone blocks.
   *
   * @return by speed-up
   */
  public double[] makespanMicros(double... aloneSpeedups) {
    double[] mean = new double[aloneSpeedups.length];
    for (TileSimulator run : runs) {
      long[] ticks = run.makespanTicks(aloneSpeedups);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += TileSimulator.micros(ticks[i]) / runs.length;
      }
    }
    return mean;
  }
}
