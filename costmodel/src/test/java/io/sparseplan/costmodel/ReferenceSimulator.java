package io.sparseplan.costmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;

/**
 * What {@link TileSimulator} means, event by event: slow, obvious, and without its ideas that
 * shared places behave like slots and that a slowed clock serves the loads. Place p of
 * multiprocessor m is slot p·multiprocessors + m.
 *
 * <p>The first block of slot s starts at s·startTicks. A place counts as taken while a block runs
 * in it or is still to start in it for the first time. A block first loads, at a rate of one over
 * the blocks that load at the same time; it goes on at the next tick boundary, as the simulator
 * rounds. Blocks on one multiprocessor run faster where places are empty, once all that run there
 * are past their latency.
 */
final class ReferenceSimulator {
  private static final double NOTHING = 1e-6;

  private final Occupancy occupancy;
  private final long startTicks;
  private final long loadTicks;
  private final long latencyTicks;
  private final double[] startsIn;
  private final double[] loading;
  private final double[] latency;
  private final double[] remaining;
  private final Block[] running;
  private final List<Block> ended = new ArrayList<>();
  private double now;

  /** Where and when the block of this number, in launch order, ran; ticks. */
  record Block(int number, int slot, double start, double end) {}

  private ReferenceSimulator(
      Occupancy occupancy, long startTicks, long loadTicks, long latencyTicks) {
    this.occupancy = occupancy;
    this.startTicks = startTicks;
    this.loadTicks = loadTicks;
    this.latencyTicks = latencyTicks;
    this.startsIn = new double[occupancy.slots()];
    this.loading = new double[occupancy.slots()];
    this.latency = new double[occupancy.slots()];
    this.remaining = new double[occupancy.slots()];
    this.running = new Block[occupancy.slots()];
  }

  /**
   * When the last block ends; blocks have positive times, in ticks with every place taken. They
   * start at once, never wait for memory and have no latency.
   */
  static double makespanTicks(Occupancy occupancy, long[] blockTicks) {
    return new ReferenceSimulator(occupancy, 0, 0, 0).run(blockTicks);
  }

  /** When the last block ends; blocks have positive times, in ticks with every place taken. */
  static double makespanTicks(KernelConstants constants, long[] blockTicks) {
    return new ReferenceSimulator(
            constants.occupancy(),
            TileSimulator.ticks(constants.startMicros()),
            TileSimulator.ticks(constants.loadMicros()),
            TileSimulator.ticks(constants.latencyMicros()))
        .run(blockTicks);
  }

  /** Where and when each block runs, in launch order. */
  static List<Block> placements(KernelConstants constants, long[] blockTicks) {
    var simulator =
        new ReferenceSimulator(
            constants.occupancy(),
            TileSimulator.ticks(constants.startMicros()),
            TileSimulator.ticks(constants.loadMicros()),
            TileSimulator.ticks(constants.latencyMicros()));
    simulator.run(blockTicks);
    return simulator.ended.stream().sorted(Comparator.comparingInt(Block::number)).toList();
  }

  private double run(long[] blockTicks) {
    Queue<Long> waiting = new ArrayDeque<>(Arrays.stream(blockTicks).boxed().toList());
    for (int slot = 0; slot < remaining.length && !waiting.isEmpty(); slot++) {
      start(slot, blockTicks.length - waiting.size(), waiting.remove(), slot * startTicks);
      startsIn[slot] = (double) slot * startTicks;
    }
    while (true) {
      double step = Double.POSITIVE_INFINITY;
      for (int slot = 0; slot < remaining.length; slot++) {
        step = Math.min(step, nextEvent(slot));
      }
      if (step == Double.POSITIVE_INFINITY) {
        return now;
      }
      advance(step);
      for (int slot = 0; slot < remaining.length; slot++) {
        if (running[slot] != null && remaining[slot] == 0) {
          Block block = running[slot];
          ended.add(new Block(block.number, slot, block.start, now));
          running[slot] = null;
        }
      }
      for (int slot = 0; slot < remaining.length && !waiting.isEmpty(); slot++) {
        if (remaining[slot] == 0) {
          start(slot, blockTicks.length - waiting.size(), waiting.remove(), now);
        }
      }
    }
  }

  private void start(int slot, int number, long blockTicks, double at) {
    running[slot] = new Block(number, slot, at, Double.NaN);
    loading[slot] = loadTicks;
    latency[slot] = latencyTicks;
    remaining[slot] = blockTicks;
  }

  private double nextEvent(int slot) {
    if (remaining[slot] == 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (startsIn[slot] > 0) {
      return startsIn[slot];
    }
    if (loading[slot] > 0) {
      return loading[slot] / loadRate();
    }
    double end = remaining[slot] / rate(slot);
    return latency[slot] > 0 ? Math.min(end, latency[slot]) : end;
  }

  private void advance(double step) {
    double loadRate = loadRate();
    double[] rates = new double[remaining.length];
    Arrays.setAll(rates, this::rate);
    now += step;
    for (int slot = 0; slot < remaining.length; slot++) {
      if (startsIn[slot] > 0) {
        startsIn[slot] = afterwards(startsIn[slot], step);
      } else if (loading[slot] > 0) {
        loading[slot] = afterwards(loading[slot], step * loadRate);
        if (loading[slot] == 0) {
          remaining[slot] += Math.round(now) - now - loadTicks;
        }
      } else if (remaining[slot] > 0) {
        remaining[slot] = afterwards(remaining[slot], step * rates[slot]);
        latency[slot] = remaining[slot] == 0 ? 0 : afterwards(latency[slot], step);
      }
    }
  }

  private static double afterwards(double before, double done) {
    double left = before - done;
    return left < NOTHING ? 0 : left;
  }

  private double loadRate() {
    int together = 0;
    for (int slot = 0; slot < loading.length; slot++) {
      together += startsIn[slot] == 0 && loading[slot] > 0 ? 1 : 0;
    }
    return 1.0 / together;
  }

  private double rate(int slot) {
    int taken = 0;
    boolean computing = true;
    for (int other = slot % occupancy.multiprocessors();
        other < remaining.length;
        other += occupancy.multiprocessors()) {
      if (remaining[other] > 0) {
        taken++;
        computing &= startsIn[other] == 0 && latency[other] == 0;
      }
    }
    return computing ? occupancy.speedup(taken) : 1;
  }
}
