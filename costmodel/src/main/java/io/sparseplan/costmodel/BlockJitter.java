package io.sparseplan.costmodel;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How much longer or shorter blocks take than their work says, in several runs of one launch.
 *
 * <p>Blocks that share a multiprocessor disturb each other, and it is chance which of them gets
 * behind and is placed with whom. A simulated launch of exact block times would be one of many that
 * happen, and a small change of any block time another, so such a launch lasts as long as several
 * runs do on average, in which every block time varies by {@value #SHARE} of itself (normally
 * distributed, found by cross-validation). It is a block's place in the launch that decides how, so
 * longer blocks stay longer in every run.
 *
 * <p>Runs come in pairs with opposite signs (antithetic variates; Hammersley and Morton, Proc.
 * Cambridge Phil. Soc. 52, 1956). So the blocks of all runs together last exactly as long as
 * without variation, and a launch is never shorter on average than its work ÷ slots, nor than its
 * longest block. Launches of many blocks, in which chance evens out, have fewer runs: together they
 * place {@value #MOST_BLOCKS} blocks at most. Blocks that have a multiprocessor for themselves do
 * not vary.
 */
public final class BlockJitter {
  private static final double SHARE = 0.02;
  private static final int MOST_RUNS = 4;
  private static final int MOST_BLOCKS = 8192;

  private static final int DEVIATES = 1 << 12;
  private static final int BLOCK_STRIDE = 0x9e5;
  private static final int PAIR_STRIDE = 0x3b7;
  private static final double[] SHARES = shares(new SplittableRandom(20));

  private final int runs;

  private BlockJitter(int runs) {
    this.runs = runs;
  }

  /** Far from 1, so that no block lasts less than nothing. */
  private static double[] shares(SplittableRandom random) {
    double[] shares = new double[DEVIATES];
    Arrays.setAll(shares, _ -> SHARE * Math.clamp(random.nextGaussian(), -4, 4));
    return shares;
  }

  /**
   * @param blocks of the launch
   */
  public static BlockJitter of(Occupancy occupancy, long blocks) {
    long pairs = blocks == 0 ? 0 : Math.min(MOST_RUNS, MOST_BLOCKS / blocks) / 2;
    return new BlockJitter(occupancy.blocksEach() == 1 || pairs == 0 ? 1 : 2 * (int) pairs);
  }

  /** How many runs the launch has: one, of exact block times, or an even number. */
  public int runs() {
    return runs;
  }

  /**
   * The times of blocks in one run.
   *
   * @param blockTicks their exact times, in launch order
   * @param firstBlock the place of the first of them in the launch
   * @return the very array if they do not vary
   */
  public long[] ticks(long[] blockTicks, int run, long firstBlock) {
    if (runs == 1) {
      return blockTicks;
    }
    int sign = run % 2 == 0 ? 1 : -1;
    int deviate = (int) firstBlock * BLOCK_STRIDE + run / 2 * PAIR_STRIDE;
    long[] ticks = new long[blockTicks.length];
    for (int block = 0; block < ticks.length; block++) {
      double share = SHARES[deviate & (DEVIATES - 1)];
      ticks[block] = blockTicks[block] + sign * Math.round(share * blockTicks[block]);
      deviate += BLOCK_STRIDE;
    }
    return ticks;
  }
}
