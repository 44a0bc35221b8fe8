package io.sparseplan.costmodel;

import io.sparseplan.plans.BadInputException;
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
 * <p>Blocks on one multiprocessor share it. A place counts as taken from the launch until no block
 * is left for it. While blocks wait, all places are taken and all blocks run at the shared rate, so
 * the places are slots like any others. Only when no block waits does a place stay empty; then the
 * other blocks of that multiprocessor speed up, once all of them are past their latency, which no
 * empty place makes shorter. So the end of two places that free at a ≤ b is a + (b − a) ÷
 * aloneSpeedup. The first blocks go to the first places of all multiprocessors, the next ones to
 * the second places.
 *
 * <p>Blocks that start wait for their first data, and those that start together share the memory
 * (processor sharing; Kleinrock, J. ACM 14, 1967): with n of them each gets 1/n of it. All ask for
 * as much, so they are served in the order in which they came, whatever n does meanwhile. A clock
 * that runs at 1/n of the speed of time says when: a block that comes when this clock shows v has
 * its data when it shows v + loadMicros. Equal blocks thus stay in step wave after wave, which is
 * why launches of equal short blocks take longer on a GPU than their blocks alone.
 *
 * <p>Simulates one launch in one thread; {@link #reset} prepares for the next launch, and {@link
 * #save} and {@link #restore} go on from an earlier block of the same one.
 */
public final class TileSimulator {
  /** Ticks of a microsecond: a tick is just under a picosecond. */
  public static final long TICKS_PER_MICRO = 1L << 20;

  /** Blocks of one launch may last this long together: 35 minutes. */
  private static final long MOST_TICKS = 1L << 51;

  private static final String OTHER_UNIT =
      "the length, the batch or the times of the device table are in another unit.";

  private static final long NEVER = Long.MAX_VALUE;

  private final Occupancy occupancy;
  private final long startTicks;
  private final long loadTicks;
  private final long latencyTicks;
  private final int slotBits;
  private final State state;

  /** What changes as blocks are placed. */
  private static final class State {
    final long[] tree;

    /** When the last block of each slot started. */
    final long[] starts;

    final Loads loads;
    int filled;
    int lastSlot;
    long placedTicks;

    /**
     * @param loading how many blocks may wait for memory at once
     */
    State(int leaves, int loading) {
      this.tree = new long[2 * leaves];
      this.starts = new long[leaves];
      this.loads = new Loads(loading);
    }

    void copyFrom(State other) {
      System.arraycopy(other.tree, 0, tree, 0, tree.length);
      System.arraycopy(other.starts, 0, starts, 0, starts.length);
      loads.copyFrom(other.loads);
      filled = other.filled;
      lastSlot = other.lastSlot;
      placedTicks = other.placedTicks;
    }
  }

  /** Whose first blocks all start at once and never wait for memory. */
  public TileSimulator(Occupancy occupancy) {
    this(occupancy, 0, 0, 0);
  }

  /**
   * Whose first blocks start {@code constants.startMicros()} apart, and whose blocks share the
   * memory for {@code constants.loadMicros()} each.
   */
  public TileSimulator(KernelConstants constants) {
    this(
        constants.occupancy(),
        ticks(constants.startMicros()),
        ticks(constants.loadMicros()),
        ticks(constants.latencyMicros()));
  }

  private TileSimulator(Occupancy occupancy, long startTicks, long loadTicks, long latencyTicks) {
    if (startTicks > MOST_TICKS / occupancy.slots()) {
      throw new BadInputException(
          "The first blocks start %.0f s apart; the most is %.3f s."
              .formatted(micros(startTicks) / 1e6, micros(MOST_TICKS / occupancy.slots()) / 1e6),
          OTHER_UNIT);
    }
    this.occupancy = occupancy;
    this.startTicks = startTicks;
    this.loadTicks = loadTicks;
    this.latencyTicks = latencyTicks;
    this.slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(occupancy.slots() - 1);
    this.state = newState();
    reset();
  }

  private State newState() {
    int leaves = 1 << slotBits;
    return new State(leaves, loadTicks > 0 ? leaves : 1);
  }

  /** Where a launch stands after some of its blocks, to go on from there later. */
  public static final class Checkpoint {
    private final State state;

    /** Where this simulator stands now; other simulators with its constants may restore it. */
    public Checkpoint(TileSimulator simulator) {
      this.state = simulator.newState();
      simulator.save(this);
    }
  }

  /** Keeps where the launch stands now. */
  public void save(Checkpoint checkpoint) {
    checkpoint.state.copyFrom(state);
  }

  /** Goes back, or forward, to where the launch stood when the checkpoint was saved. */
  public void restore(Checkpoint checkpoint) {
    state.copyFrom(checkpoint.state);
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
    Arrays.fill(state.tree, NEVER);
    state.loads.clear();
    state.filled = 0;
    state.lastSlot = 0;
    state.placedTicks = 0;
  }

  /**
   * Places blocks after those placed before, the whole sequence {@code times} times over.
   *
   * @param blockTicks the blocks' times in launch order, none negative nor less than their part
   *     that waits for memory
   * @throws BadInputException if all blocks of the launch together last longer than 35 minutes
   */
  public void place(long[] blockTicks, int times) {
    count(blockTicks, times);
    for (int round = 0; round < times; round++) {
      int filling = Math.min(blockTicks.length, occupancy.slots() - state.filled);
      if (loadTicks > 0) {
        fillLoading(blockTicks, filling);
        queueLoading(blockTicks, filling);
      } else {
        if (filling > 0) {
          fill(blockTicks, filling);
        }
        queue(blockTicks, filling);
      }
    }
  }

  /** The first blocks of a launch, each into a slot of its own. */
  private void fill(long[] blockTicks, int count) {
    long[] nodes = state.tree;
    int leaves = nodes.length / 2;
    for (int i = 0; i < count; i++) {
      int slot = state.filled++;
      state.starts[slot] = slot * startTicks;
      nodes[leaves + slot] = key(slot * startTicks + blockTicks[i], slot);
    }
    state.lastSlot = state.filled - 1;
    if (state.filled == occupancy.slots()) {
      for (int node = leaves - 1; node >= 1; node--) {
        nodes[node] = Math.min(nodes[2 * node], nodes[2 * node + 1]);
      }
    }
  }

  private void queue(long[] blockTicks, int from) {
    long[] nodes = state.tree;
    long[] starts = state.starts;
    int leaves = nodes.length / 2;
    int bits = slotBits;
    int last = state.lastSlot;
    long first = nodes[1];
    for (int i = from; i < blockTicks.length; i++) {
      int slot = (int) first & (leaves - 1);
      last = slot;
      int node = leaves + slot;
      starts[slot] = first >>> bits;
      first += blockTicks[i] << bits;
      nodes[node] = first;
      for (; node > 1; node >>>= 1) {
        first = Math.min(first, nodes[node ^ 1]);
        nodes[node >>> 1] = first;
      }
    }
    state.lastSlot = last;
  }

  private void fillLoading(long[] blockTicks, int count) {
    for (int i = 0; i < count; i++) {
      int slot = state.filled++;
      long start = slot * startTicks;
      starts(slot, start);
      finishLoads(start);
      load(start, slot, blockTicks[i]);
    }
  }

  /** While a block waits for its data, its slot never frees. */
  private void queueLoading(long[] blockTicks, int from) {
    for (int i = from; i < blockTicks.length; i++) {
      long first = firstFree();
      while (state.loads.firstEnd() <= first) {
        finishFirstLoad();
        first = firstFree();
      }
      int slot = (int) state.tree[1] & (state.tree.length / 2 - 1);
      starts(slot, first);
      if (state.loads.isEmpty()) {
        frees(slot, first + blockTicks[i]);
        if (firstFree() >= first + loadTicks) {
          continue;
        }
      }
      load(first, slot, blockTicks[i]);
    }
  }

  private void starts(int slot, long ticks) {
    state.starts[slot] = ticks;
    state.lastSlot = slot;
  }

  /** A block starts, and waits for its data with the others. */
  private void load(long start, int slot, long blockTicks) {
    state.loads.add(start, loadTicks, slot, blockTicks - loadTicks);
    replay(slot, NEVER);
  }

  private void finishLoads(long until) {
    while (state.loads.firstEnd() <= until) {
      finishFirstLoad();
    }
  }

  private void finishFirstLoad() {
    int slot = state.loads.firstSlot();
    long work = state.loads.firstWork();
    frees(slot, Math.round(state.loads.removeFirst()) + work);
  }

  private long firstFree() {
    return state.tree[1] >>> slotBits;
  }

  private void frees(int slot, long ticks) {
    replay(slot, key(ticks, slot));
  }

  private long key(long ticks, int slot) {
    return (ticks << slotBits) | slot;
  }

  private void replay(int slot, long key) {
    long[] nodes = state.tree;
    int node = nodes.length / 2 + slot;
    nodes[node] = key;
    for (; node > 1; node >>>= 1) {
      key = Math.min(key, nodes[node ^ 1]);
      nodes[node >>> 1] = key;
    }
  }

  private void count(long[] blockTicks, int times) {
    // Exact: whole numbers of at most 2⁵³, or more than is let through.
    double sum = 0;
    for (long ticks : blockTicks) {
      sum += ticks;
    }
    double placed = state.placedTicks + sum * times;
    if (placed > MOST_TICKS) {
      throw new BadInputException(
          "The blocks of the launch last %.0f s together; the most is %.0f s."
              .formatted(placed / MOST_TICKS * micros(MOST_TICKS) / 1e6, micros(MOST_TICKS) / 1e6),
          OTHER_UNIT);
    }
    state.placedTicks = (long) placed;
  }

  /**
   * The slot of the block that was placed last: place p of multiprocessor m is slot p ·
   * multiprocessors + m. There is one once a block was placed.
   */
  public int lastSlot() {
    return state.lastSlot;
  }

  /** When the block that was placed last starts. */
  public long lastStartTicks() {
    return state.starts[state.lastSlot];
  }

  /** When the last block of each slot ends, of the slots that were used. */
  public long[] endTicks() {
    return ends().each(occupancy);
  }

  /** When the last of the placed blocks ends. */
  public long makespanTicks() {
    return makespanTicks(occupancy.aloneSpeedup())[0];
  }

  /**
   * When the last of the placed blocks would end with other speed-ups of lone blocks, which no
   * block's place depends on.
   *
   * @return by speed-up
   */
  public long[] makespanTicks(double... aloneSpeedups) {
    return ends().latest(occupancy, aloneSpeedups);
  }

  private PlaceEnds ends() {
    int filled = state.filled;
    long[] ends = new long[filled];
    for (int slot = 0; slot < filled; slot++) {
      ends[slot] = state.tree[state.tree.length / 2 + slot] >>> slotBits;
    }
    state.loads.endAll(ends);
    long[] speedUps = new long[filled];
    for (int slot = 0; slot < filled; slot++) {
      speedUps[slot] = Math.min(state.starts[slot] + latencyTicks, ends[slot]);
    }
    return new PlaceEnds(ends, speedUps);
  }

  /** When the last of the placed blocks ends, in microseconds. */
  public double makespanMicros() {
    return micros(makespanTicks());
  }
}
