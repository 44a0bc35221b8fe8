package io.sparseplan.costmodel;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * What {@link TileSimulator} means, event by event: slow, obvious, and without its idea that shared
 * places behave like slots. Place p of multiprocessor m is slot p·multiprocessors + m.
 */
final class ReferenceSimulator {
  private final Occupancy occupancy;
  private final double[] remaining;

  private ReferenceSimulator(Occupancy occupancy) {
    this.occupancy = occupancy;
    this.remaining = new double[occupancy.slots()];
  }

  /** When the last block ends; blocks have positive times, in ticks with every place taken. */
  static double makespanTicks(Occupancy occupancy, long[] blockTicks) {
    Queue<Long> waiting = new ArrayDeque<>(Arrays.stream(blockTicks).boxed().toList());
    return new ReferenceSimulator(occupancy).run(waiting);
  }

  private double run(Queue<Long> waiting) {
    double now = 0;
    while (true) {
      for (int slot = 0; slot < remaining.length && !waiting.isEmpty(); slot++) {
        if (remaining[slot] == 0) {
          remaining[slot] = waiting.remove();
        }
      }
      double step = Double.POSITIVE_INFINITY;
      for (int slot = 0; slot < remaining.length; slot++) {
        if (remaining[slot] > 0) {
          step = Math.min(step, remaining[slot] / rate(slot));
        }
      }
      if (step == Double.POSITIVE_INFINITY) {
        return now;
      }
      now += step;
      advance(step);
    }
  }

  private void advance(double step) {
    double[] rates = new double[remaining.length];
    Arrays.setAll(rates, this::rate);
    for (int slot = 0; slot < remaining.length; slot++) {
      double left = remaining[slot] - step * rates[slot];
      remaining[slot] = left < 1e-6 ? 0 : left;
    }
  }

  private double rate(int slot) {
    int mates = 0;
    for (int other = slot % occupancy.multiprocessors();
        other < remaining.length;
        other += occupancy.multiprocessors()) {
      mates += remaining[other] > 0 ? 1 : 0;
    }
    return mates == occupancy.blocksEach() ? 1 : occupancy.aloneSpeedup();
  }
}
