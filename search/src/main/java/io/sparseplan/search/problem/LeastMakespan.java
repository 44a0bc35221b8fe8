package io.sparseplan.search.problem;

import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.TileSimulator;
import java.util.Arrays;

/**
 * A time that no launch ends before whose blocks are each at least as long as these, in the same
 * order: the end of these blocks where slots were to share multiprocessors as well as they can.
 *
 * <p>Why: list scheduling of independent blocks in a fixed order is monotone. Compare two runs, the
 * second with longer blocks, and sort the times at which slots free. If every time f₁ ≤ … ≤ f_S of
 * the first is at most that of the second, it is so after the next block too: each run replaces its
 * least time by that time plus the block, and both replacements and all other times still match in
 * pairs. (Graham's anomalies need blocks that wait for one another.) So where blocks do not share a
 * multiprocessor, the makespan f_S is monotone.
 *
 * <p>Blocks that wait for memory together last longer than alone, so the times alone bound them.
 *
 * <p>Where k slots share one, the first of which frees at a and the last at b, it ends at a + (b −
 * a) ÷ speedup or later, which grows with both, but which slots share is not monotone. Whatever
 * they are, for each j: either all k slots of some multiprocessor are among the j slots that free
 * last, or these are spread over j ÷ (k − 1) multiprocessors or more, each with a slot that is none
 * of them; with q that number rounded up, one of those frees at f_q or later. Either way something
 * ends at f_q + (f_(S−j+1) − f_q) ÷ speedup or later, as long as q ≤ S − j.
 */
final class LeastMakespan {
  private final Occupancy occupancy;

  /** A heap: the time at which a slot frees is at most those at twice its place, plus 1 and 2. */
  private final long[] frees;

  LeastMakespan(Occupancy occupancy) {
    this.occupancy = occupancy;
    this.frees = new long[occupancy.slots()];
  }

  /** Places blocks in the slots that free first, the whole sequence so many times over. */
  void place(long[] blockTicks, int times) {
    for (int round = 0; round < times; round++) {
      for (long ticks : blockTicks) {
        delayFirst(ticks);
      }
    }
  }

  private void delayFirst(long ticks) {
    long time = frees[0] + ticks;
    int at = 0;
    for (int child = 1; child < frees.length; child = 2 * at + 1) {
      if (child + 1 < frees.length && frees[child + 1] < frees[child]) {
        child++;
      }
      if (frees[child] >= time) {
        break;
      }
      frees[at] = frees[child];
      at = child;
    }
    frees[at] = time;
  }

  /** In microseconds, after which no more blocks may be placed. */
  double micros() {
    Arrays.sort(frees);
    int last = frees.length - 1;
    if (occupancy.blocksEach() == 1) {
      return TileSimulator.micros(frees[last]);
    }
    double latest = 0;
    for (int j = 1; j < frees.length; j++) {
      int q = Math.ceilDiv(j, occupancy.blocksEach() - 1);
      if (q > frees.length - j) {
        break;
      }
      double alone = (frees[last - j + 1] - frees[q - 1]) / occupancy.aloneSpeedup();
      latest = Math.max(latest, frees[q - 1] + alone);
    }
    // The simulator rounds the time alone to the nearest tick.
    return (latest - 1) / TileSimulator.TICKS_PER_MICRO;
  }
}
