package io.sparseplan.costmodel;

import java.util.Arrays;

/**
 * List-schedules thread blocks as a GPU's work distributor does: the first blocks start one after
 * another, one in each slot, and every later block in the slot that frees first. The policy is
 * Graham's list scheduling (Bell System Technical Journal 45, 1966).
 *
 * <p>Idea: a tournament tree over the slots. A leaf is one {@code long}: the time at which the slot
 * frees in whole ticks, above the slot's number. An inner node is the smaller of its two children,
 * so the root names the slot that frees first, the lowest-numbered of several. Placing a block
 * raises one leaf and replays its path to the root: log₂(slots) minima, without a branch to
 * mispredict. Whole ticks make sums exact, so that no order of additions can matter.
 *
 * <p>Two blocks on a multiprocessor share it. A place counts as taken from the launch until no
 * block is left for it. While blocks wait, both places are taken and both blocks run at the shared
 * rate, so the places are slots like any others. Only when no block waits does a place stay empty;
 * then the last block of that multiprocessor speeds up. So the end of multiprocessor m with places
 * that free at a ≤ b is a + (b − a) ÷ aloneSpeedup (and if the other block only starts after a, its
 * start takes the place of a). The first blocks go to the first places of all multiprocessors, the
 * next ones to the second places.
 *
 * <p>Simulates one launch in one thread; {@link #reset} prepares for the next launch, and {@link
 * #save} and {@link #restore} go on from an earlier block of the same one.
 */
public final class TileSimulator {
  /** Ticks of a microsecond: a tick is just under a picosecond. */
  public static final long TICKS_PER_MICRO = 1L << 20;

  /** Blocks of one launch may last this long together: 35 minutes. */
  private static final long MOST_TICKS = 1L << 51;

  private final Occupancy occupancy;
  private final long startTicks;
  private final int slotBits;
  private final long[] tree;
  private int filled;
  private long placedTicks;

  /** Whose first blocks all start at once. */
  public TileSimulator(Occupancy occupancy) {
    this(occupancy, 0);
  }

  /** Whose first blocks start {@code constants.startMicros()} apart. */
  public TileSimulator(KernelConstants constants) {
    this(constants.occupancy(), ticks(constants.startMicros()));
  }

  private TileSimulator(Occupancy occupancy, long startTicks) {
    if (startTicks > MOST_TICKS / occupancy.slots()) {
      throw new ArithmeticException(
          "The first blocks start %.0f s apart; the most is %.3f s."
              .formatted(micros(startTicks) / 1e6, micros(MOST_TICKS / occupancy.slots()) / 1e6));
    }
    this.occupancy = occupancy;
    this.startTicks = startTicks;
    this.slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(occupancy.slots() - 1);
    this.tree = new long[2 << slotBits];
    Arrays.fill(tree, Long.MAX_VALUE);
    reset();
  }

  /** Where a launch stands after some of its blocks, to go on from there later. */
  public static final class Checkpoint {
    private final long[] tree;
    private int filled;
    private long placedTicks;

    /** Where this simulator stands now; other simulators with its constants may restore it. */
    public Checkpoint(TileSimulator simulator) {
      this.tree = new long[simulator.tree.length];
      simulator.save(this);
    }
  }

  /** Keeps where the launch stands now. */
  public void save(Checkpoint checkpoint) {
    System.arraycopy(tree, 0, checkpoint.tree, 0, checkpoint.tree.length);
    checkpoint.filled = filled;
    checkpoint.placedTicks = placedTicks;
  }

  /** Goes back, or forward, to where the launch stood when the checkpoint was saved. */
  public void restore(Checkpoint checkpoint) {
    System.arraycopy(checkpoint.tree, 0, tree, 0, checkpoint.tree.length);
    filled = checkpoint.filled;
    placedTicks = checkpoint.placedTicks;
  }

  /** A time in ticks, rounded. */
  public static long ticks(double micros) {
    return Math.round(micros * TICKS_PER_MICRO);
  }

  /** A time in microseconds. */
  public static double micros(long ticks) {
    return (double) ticks / TICKS_PER_MICRO;
  }

  /** Frees every slot. */
  public void reset() {
    int leaves = tree.length / 2;
    for (int slot = 0; slot < occupancy.slots(); slot++) {
      tree[leaves + slot] = slot;
    }
    filled = 0;
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
    for (int round = 0; round < times; round++) {
      int filling = Math.min(blockTicks.length, occupancy.slots() - filled);
      if (filling > 0) {
        fill(blockTicks, filling);
      }
      queue(blockTicks, filling);
    }
  }

  /** The first blocks of a launch, each into a slot of its own. */
  private void fill(long[] blockTicks, int count) {
    int leaves = tree.length / 2;
    for (int i = 0; i < count; i++) {
      tree[leaves + filled] = ((filled * startTicks + blockTicks[i]) << slotBits) | filled;
      filled++;
    }
    if (filled == occupancy.slots()) {
      for (int node = leaves - 1; node >= 1; node--) {
        tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
      }
    }
  }

  private void queue(long[] blockTicks, int from) {
    long[] nodes = tree;
    int leaves = nodes.length / 2;
    int bits = slotBits;
    long first = nodes[1];
    for (int i = from; i < blockTicks.length; i++) {
      int node = leaves + ((int) first & (leaves - 1));
      first += blockTicks[i] << bits;
      nodes[node] = first;
      for (; node > 1; node >>>= 1) {
        first = Math.min(first, nodes[node ^ 1]);
        nodes[node >>> 1] = first;
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
    int multiprocessors = occupancy.multiprocessors();
    long makespan = 0;
    for (int m = 0; m < Math.min(filled, multiprocessors); m++) {
      long end = frees(m);
      if (occupancy.blocksEach() == 2) {
        int second = m + multiprocessors;
        boolean bothUsed = second < filled;
        long other = bothUsed ? frees(second) : 0;
        long lastStart = (bothUsed ? second : m) * startTicks;
        long shared = Math.max(Math.min(end, other), lastStart);
        end = shared + Math.round((Math.max(end, other) - shared) / aloneSpeedup);
      }
      makespan = Math.max(makespan, end);
    }
    return makespan;
  }

  private long frees(int slot) {
    return tree[tree.length / 2 + slot] >>> slotBits;
  }

  /** When the last of the placed blocks ends, in microseconds. */
  public double makespanMicros() {
    return micros(makespanTicks());
  }
}
