package io.sparseplan.costmodel;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
    List<Places> places =
        IntStream.range(0, multiprocessors).mapToObj(m -> placesOf(m, occupancy)).toList();
    List<Places> mayEndLast =
        mayEndLast(places, occupancy, Arrays.stream(aloneSpeedups).max().orElse(1));
    return Arrays.stream(aloneSpeedups)
        .mapToLong(speedup -> latest(mayEndLast, occupancy.withAloneSpeedup(speedup)))
        .toArray();
  }

  /**
   * No block ends later than at the shared rate, nor earlier than with the greatest speed-up: those
   * places are left out that end, at the shared rate, before others do with that.
   */
  private static List<Places> mayEndLast(
      List<Places> places, Occupancy occupancy, double greatestSpeedup) {
    double[] speedupAfter = speedupAfter(occupancy.withAloneSpeedup(greatestSpeedup));
    long earliest =
        places.stream()
            .max(Comparator.comparingLong(Places::lastShared))
            .map(last -> last.end(speedupAfter, Long.MAX_VALUE))
            .orElse(0L);
    return places.stream().filter(ofOne -> ofOne.lastShared() >= earliest).toList();
  }

  private static long latest(List<Places> places, Occupancy occupancy) {
    double[] speedupAfter = speedupAfter(occupancy);
    return places.stream()
        .mapToLong(ofOne -> ofOne.end(speedupAfter, Long.MAX_VALUE))
        .max()
        .orElse(0);
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
