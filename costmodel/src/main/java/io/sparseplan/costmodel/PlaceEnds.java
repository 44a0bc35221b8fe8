package io.sparseplan.costmodel;

import java.util.Arrays;
import java.util.Comparator;

/**
 * When the last block of each place would end at the shared rate. Place p of multiprocessor m is
 * slot p · multiprocessors + m.
 *
 * @param shared ends by slot, of the slots that were used; ticks
 * @param speedUps when the last block of a slot could speed up at the earliest; ticks
 */
record PlaceEnds(long[] shared, long[] speedUps) {
  /**
   * When the last block ends if blocks speed up as places of their multiprocessor get empty.
   *
   * @param aloneSpeedups of lone blocks; what the occupancy says of that does not matter
   * @return by speed-up
   */
  long[] latest(Occupancy occupancy, double[] aloneSpeedups) {
    if (occupancy.blocksEach() == 1) {
      long[] latest = new long[aloneSpeedups.length];
      Arrays.fill(latest, Arrays.stream(shared).max().orElse(0));
      return latest;
    }
    int multiprocessors = Math.min(shared.length, occupancy.multiprocessors());
    Places[] places = new Places[multiprocessors];
    for (int m = 0; m < multiprocessors; m++) {
      places[m] = placesOf(m, occupancy);
    }
    Arrays.sort(places, Comparator.comparingLong(Places::lastShared).reversed());
    return Arrays.stream(aloneSpeedups)
        .mapToLong(speedup -> latest(places, occupancy.withAloneSpeedup(speedup)))
        .toArray();
  }

  /**
   * No block ends later than at the shared rate, so only a few places can be the last to end.
   *
   * @param places those that would end last at the shared rate first
   */
  private static long latest(Places[] places, Occupancy occupancy) {
    double[] speedupAfter = speedupAfter(occupancy);
    long latest = 0;
    for (int i = 0; i < places.length && places[i].lastShared() > latest; i++) {
      latest = Math.max(latest, places[i].end(speedupAfter, Long.MAX_VALUE));
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
    for (int m = 0; m < Math.min(shared.length, multiprocessors); m++) {
      Places places = placesOf(m, occupancy);
      for (int slot = m; slot < ends.length; slot += multiprocessors) {
        ends[slot] = places.end(speedupAfter, shared[slot]);
      }
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

  private Places placesOf(int multiprocessor, Occupancy occupancy) {
    long[] ends = new long[occupancy.blocksEach()];
    long sped = 0;
    for (int place = 0; place < ends.length; place++) {
      int slot = place * occupancy.multiprocessors() + multiprocessor;
      if (slot < shared.length) {
        ends[place] = shared[slot];
        sped = Math.max(sped, speedUps[slot]);
      }
    }
    Arrays.sort(ends);
    return new Places(ends, Math.max(sped, ends[0]));
  }

  /**
   * The places of one multiprocessor.
   *
   * @param ends at the shared rate, ascending; 0 of a place that no block used
   * @param sped when blocks can speed up at the earliest
   */
  private record Places(long[] ends, long sped) {
    long lastShared() {
      return ends[ends.length - 1];
    }

    /** When the last of those blocks ends that end no later than this at the shared rate. */
    long end(double[] speedupAfter, long untilShared) {
      if (untilShared <= sped) {
        return untilShared;
      }
      double end = sped;
      long passed = sped;
      for (int ended = 1; ended < ends.length && ends[ended] <= untilShared; ended++) {
        if (ends[ended] > passed) {
          end += (ends[ended] - passed) / speedupAfter[ended];
          passed = ends[ended];
        }
      }
      return Math.round(end);
    }
  }
}
