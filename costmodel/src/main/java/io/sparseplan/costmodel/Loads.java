package io.sparseplan.costmodel;

/**
 * The blocks that wait for their first data, first come first. Times are in ticks of the {@link
 * TileSimulator}.
 */
final class Loads {
  private final int[] slots;
  private final long[] works;

  /** What the slowed clock shows when the block has its data. */
  private final double[] ends;

  private int first;
  private int count;

  /** The time of the last arrival or end, and what the slowed clock showed then. */
  private double now;

  private double clock;

  /**
   * @param most that ever wait, a power of two
   */
  Loads(int most) {
    this.slots = new int[most];
    this.works = new long[most];
    this.ends = new double[most];
  }

  void clear() {
    first = 0;
    count = 0;
  }

  void copyFrom(Loads other) {
    System.arraycopy(other.slots, 0, slots, 0, slots.length);
    System.arraycopy(other.works, 0, works, 0, works.length);
    System.arraycopy(other.ends, 0, ends, 0, ends.length);
    first = other.first;
    count = other.count;
    now = other.now;
    clock = other.clock;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** When the first block has its data if no other comes; never, if none waits. */
  double firstEnd() {
    return count == 0 ? Double.POSITIVE_INFINITY : now + (ends[first] - clock) * count;
  }

  int firstSlot() {
    return slots[first];
  }

  /** What the first block takes once it has its data. */
  long firstWork() {
    return works[first];
  }

  /**
   * @param start not before the last arrival or end
   * @param load with the whole memory
   */
  void add(long start, long load, int slot, long work) {
    clock = count == 0 ? 0 : clock + (start - now) / count;
    now = start;
    int last = (first + count++) & (slots.length - 1);
    slots[last] = slot;
    works[last] = work;
    ends[last] = clock + load;
  }

  /** Takes the first one out, and says when it has its data. */
  double removeFirst() {
    now = firstEnd();
    clock = ends[first];
    first = (first + 1) & (slots.length - 1);
    count--;
    return now;
  }

  /** When each waiting block ends if no more come, into the place of its slot. */
  void endAll(long[] endOfSlot) {
    double time = now;
    double shown = clock;
    for (int i = 0; i < count; i++) {
      int load = (first + i) & (slots.length - 1);
      time += (ends[load] - shown) * (count - i);
      shown = ends[load];
      endOfSlot[slots[load]] = Math.round(time) + works[load];
    }
  }
}
