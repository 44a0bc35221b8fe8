package io.sparseplan.costmodel;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * What {@link TileSimulator} means, event by event: slow, obvious, and without its idea that shared
 * places behave like slots. Place p of multiprocessor m is slot p·multiprocessors + m.
 *
 * <p>The first block of slot s starts at s·startTicks. A place counts as taken while a block runs
 * in it or is still to start in it for the first time.
 */
final class ReferenceSimulator {
  private final Occupancy occupancy;
  private final double[] startsIn;
  private final double[] remaining;

  private ReferenceSimulator(Occupancy occupancy) {
    this.occupancy = occupancy;
    this.startsIn = new double[occupancy.slots()];
    this.remaining = new double[occupancy.slots()];
  }

  /** When the last block ends; blocks have positive times, in ticks with every place taken. */
  static double makespanTicks(Occupancy occupancy, long startTicks, long[] blockTicks) {
    Queue<Long> waiting = new ArrayDeque<>(Arrays.stream(blockTicks).boxed().toList());
    return new ReferenceSimulator(occupancy).run(startTicks, waiting);
  }

  private double run(long startTicks, Queue<Long> waiting) {
    for (int slot = 0; slot < remaining.length && !waiting.isEmpty(); slot++) {
      remaining[slot] = waiting.remove();
      startsIn[slot] = (double) slot * startTicks;
    }
    double now = 0;
    while (true) {
      double step = Double.POSITIVE_INFINITY;
      for (int slot = 0; slot < remaining.length; slot++) {
        if (startsIn[slot] > 0) {
          step = Math.min(step, startsIn[slot]);
        } else if (remaining[slot] > 0) {
          step = Math.min(step, remaining[slot] / rate(slot));
        }
      }
      if (step == Double.POSITIVE_INFINITY) {
        return now;
      }
      now += step;
      advance(step);
      for (int slot = 0; slot < remaining.length && !waiting.isEmpty(); slot++) {
        if (remaining[slot] == 0) {
          remaining[slot] = waiting.remove();
        }
      }
    }
  }

  private void advance(double step) {
    double[] rates = new double[remaining.length];
    Arrays.setAll(rates, this::rate);
    for (int slot = 0; slot < remaining.length; slot++) {
      if (startsIn[slot] > 0) {
        startsIn[slot] = afterwards(startsIn[slot], step);
      } else {
        remaining[slot] = afterwards(remaining[slot], step * rates[slot]);
      }
    }
  }

  private static double afterwards(double before, double done) {
    double left = before - done;
    return left < 1e-6 ? 0 : left;
  }

  private double rate(int slot) {
    int taken = 0;
    for (int other = slot % occupancy.multiprocessors();
        other < remaining.length;
        other += occupancy.multiprocessors()) {
      taken += remaining[other] > 0 ? 1 : 0;
    }
    return taken == occupancy.blocksEach() ? 1 : occupancy.aloneSpeedup();
  }
}
