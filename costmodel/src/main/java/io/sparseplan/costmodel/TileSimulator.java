package io.sparseplan.costmodel;

import java.util.Arrays;

/**
 * List-schedules thread blocks as a GPU's work distributor does: blocks start in launch order, each
 * in the slot that frees first. The policy is Graham's list scheduling (Bell System Technical
 * Journal 45, 1966).
 *
 * <p>Idea: a tournament tree over the slots. A leaf is one {@code long}: the time at which the slot
 * frees in whole ticks, above the slot's number. An inner node is the smaller of its two children,
 * so the root names the slot that frees first, the lowest-numbered of several. Placing a block
 * raises one leaf and replays its path to the root: log₂(slots) minima, without a branch to
 * mispredict. Whole ticks make sums exact, so that no order of additions can matter.
 *
 * <p>Two blocks on a multiprocessor share it. While blocks wait, both of its places are taken and
 * both run at the shared rate, so the places are slots like any others. Only when no block waits
 * does a place stay empty; then the last block of that multiprocessor speeds up. So the end of
 * multiprocessor m with places that free at a ≤ b is a + (b − a) ÷ aloneSpeedup. The first blocks
 * go to the first places of all multiprocessors, the next ones to the second places.
 *
 * <p>Simulates one launch in one thread; {@link #reset} prepares for the next launch.
 */
public final class TileSimulator {
  /** Ticks of a microsecond: a tick is just under a picosecond. */
  public static final long TICKS_PER_MICRO = 1L << 20;

  /** Blocks of one launch may last this long together: 35 minutes. */
  private static final long MOST_TICKS = 1L << 51;

  private final Occupancy occupancy;
  private final int slotBits;
  private final long[] tree;
  private long placedTicks;

  public TileSimulator(Occupancy occupancy) {
    this.occupancy = occupancy;
    this.slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(occupancy.slots() - 1);
    this.tree = new long[2 << slotBits];
    reset();
  }

  /** A time in ticks, rounded. */
  public static long ticks(double micros) {
    return Math.round(micros * TICKS_PER_MICRO);
  }

  /** A time in microseconds. */
  public static double micros(long ticks) {
    return (double) ticks / TICKS_PER_MICRO;
  }

  /** Frees every slot at time zero. */
  public void reset() {
    int leaves = tree.length / 2;
    Arrays.fill(tree, Long.MAX_VALUE);
    for (int slot = 0; slot < occupancy.slots(); slot++) {
      tree[leaves + slot] = slot;
    }
    for (int node = leaves - 1; node >= 1; node--) {
      tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
    }
    placedTicks = 0;
  }

  /**
   * Places blocks after those placed before, the whole sequence {@code times} times over.
   *
   * @param blockTicks the blocks' times in launch order, none negative
   * @throws ArithmeticException if all blocks of the launch together last longer than 35 minutes
   */
  public void place(long[] blockTicks, int times) {
    count(blockTicks, times);
    long[] nodes = tree;
    int leaves = nodes.length / 2;
    long first = nodes[1];
    for (int round = 0; round < times; round++) {
      for (long ticks : blockTicks) {
        int node = leaves + ((int) first & (leaves - 1));
        first += ticks << slotBits;
        nodes[node] = first;
        for (; node > 1; node >>>= 1) {
          first = Math.min(first, nodes[node ^ 1]);
          nodes[node >>> 1] = first;
        }
      }
    }
  }

  private void count(long[] blockTicks, int times) {
    long sum = 0;
    for (long ticks : blockTicks) {
      sum = Math.addExact(sum, ticks);
    }
    placedTicks = Math.addExact(placedTicks, Math.multiplyExact(sum, (long) times));
    if (placedTicks > MOST_TICKS) {
      throw new ArithmeticException(
          "The blocks of the launch last %.0f s together; the most is %.0f s."
              .formatted(micros(placedTicks) / 1e6, micros(MOST_TICKS) / 1e6));
    }
  }

  /** When the last of the placed blocks ends. */
  public long makespanTicks() {
    return makespanTicks(occupancy.aloneSpeedup());
  }

  /**
   * When the last of the placed blocks would end with another speed-up of lone blocks, which no
   * block's place depends on.
   */
  public long makespanTicks(double aloneSpeedup) {
    int firstPlaces = tree.length / 2;
    int secondPlaces = firstPlaces + occupancy.multiprocessors();
    long makespan = 0;
    for (int m = 0; m < occupancy.multiprocessors(); m++) {
      long end = tree[firstPlaces + m] >>> slotBits;
      if (occupancy.blocksEach() == 2) {
        long other = tree[secondPlaces + m] >>> slotBits;
        long shared = Math.min(end, other);
        end = shared + Math.round((Math.max(end, other) - shared) / aloneSpeedup);
      }
      makespan = Math.max(makespan, end);
    }
    return makespan;
  }

  /** When the last of the placed blocks ends, in microseconds. */
  public double makespanMicros() {
    return micros(makespanTicks());
  }
}
