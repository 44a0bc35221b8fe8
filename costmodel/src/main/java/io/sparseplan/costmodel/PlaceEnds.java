package io.sparseplan.costmodel;

import java.util.Arrays;

/**
 * When the last block of each place would end at the shared rate. Place p of multiprocessor m is
 * slot p · multiprocessors + m.
 *
 * @param shared ends by slot, of the slots that were used; ticks
 * @param speedUps when the last block of a slot could speed up at the earliest; ticks
 */
record PlaceEnds(long[] shared, long[] speedUps) {
  /** When the last block ends if blocks speed up as places of their multiprocessor get empty. */
  long latest(Occupancy occupancy) {
    if (occupancy.blocksEach() == 1) {
      return Arrays.stream(shared).max().orElse(0);
    }
    double[] speedupAfter = speedupAfter(occupancy);
    long latest = 0;
    for (int m = 0; m < Math.min(shared.length, occupancy.multiprocessors()); m++) {
      latest = Math.max(latest, end(m, occupancy.multiprocessors(), speedupAfter, Long.MAX_VALUE));
    }
    return latest;
  }

  /** When the last block of each slot ends, in the same way. */
  long[] each(Occupancy occupancy) {
    if (occupancy.blocksEach() == 1) {
      return shared.clone();
    }
    double[] speedupAfter = speedupAfter(occupancy);
    int multiprocessors = occupancy.multiprocessors();
    long[] ends = new long[shared.length];
    for (int slot = 0; slot < ends.length; slot++) {
      ends[slot] = end(slot % multiprocessors, multiprocessors, speedupAfter, shared[slot]);
    }
    return ends;
  }

  /** How much faster the other blocks run, by how many places are empty. */
  private static double[] speedupAfter(Occupancy occupancy) {
    double[] speedupAfter = new double[occupancy.blocksEach()];
    for (int ended = 1; ended < speedupAfter.length; ended++) {
      speedupAfter[ended] = occupancy.speedup(speedupAfter.length - ended);
    }
    return speedupAfter;
  }

  /**
   * When the last of those blocks of a multiprocessor ends that end no later than {@code
   * untilShared} at the shared rate.
   */
  private long end(
      int multiprocessor, int multiprocessors, double[] speedupAfter, long untilShared) {
    long[] ends = new long[speedupAfter.length];
    long sped = 0;
    for (int place = 0; place < ends.length; place++) {
      int slot = place * multiprocessors + multiprocessor;
      if (slot < shared.length) {
        ends[place] = shared[slot];
        sped = Math.max(sped, speedUps[slot]);
      }
    }
    Arrays.sort(ends);
    sped = Math.max(sped, ends[0]);
    if (untilShared <= sped) {
      return untilShared;
    }
    double end = sped;
    for (int ended = 1; ended < ends.length && ends[ended] <= untilShared; ended++) {
      if (ends[ended] > sped) {
        end += (ends[ended] - sped) / speedupAfter[ended];
        sped = ends[ended];
      }
    }
    return Math.round(end);
  }
}
