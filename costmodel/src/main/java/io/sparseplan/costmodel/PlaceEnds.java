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
    int multiprocessors = occupancy.multiprocessors();
    double[] speedupAfter = new double[occupancy.blocksEach()];
    for (int ended = 1; ended < speedupAfter.length; ended++) {
      speedupAfter[ended] = occupancy.speedup(speedupAfter.length - ended);
    }
    long latest = 0;
    for (int m = 0; m < Math.min(shared.length, multiprocessors); m++) {
      latest = Math.max(latest, end(m, multiprocessors, speedupAfter));
    }
    return latest;
  }

  /**
   * @param speedupAfter of the other blocks, by how many places are empty
   */
  private long end(int multiprocessor, int multiprocessors, double[] speedupAfter) {
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
    double end = sped;
    for (int ended = 1; ended < ends.length; ended++) {
      if (ends[ended] > sped) {
        end += (ends[ended] - sped) / speedupAfter[ended];
        sped = ends[ended];
      }
    }
    return Math.round(end);
  }
}
