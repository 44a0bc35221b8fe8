package io.sparseplan.costmodel;

import io.sparseplan.plans.pattern.Dense;
import java.util.Collections;
import java.util.List;

/**
 * Launches of dense heads of one length on one dense kernel.
 *
 * @param blockTicks the blocks of one head
 * @param layerMicros of all heads of a layer
 */
record DenseLaunch(
    String kernel, KernelConstants constants, long[] blockTicks, double layerMicros) {
  /**
   * @param tiles the length and the reach, in the tiles that the kernel's work is counted in
   * @param headsOfBatch heads of the layer times prompts of the batch
   */
  static DenseLaunch of(
      String kernel, KernelConstants constants, ReachedTiles tiles, int headsOfBatch) {
    long[] ticks = BlockTimes.ticks(tiles.blocks(tiles.of(new Dense())), constants);
    return new DenseLaunch(kernel, constants, ticks, micros(constants, ticks, headsOfBatch));
  }

  /** The time of a launch of so many heads, over all prompts. */
  double micros(int headsOfBatch) {
    return micros(constants, blockTicks, headsOfBatch);
  }

  private static double micros(KernelConstants constants, long[] blockTicks, int headsOfBatch) {
    var simulator = new LaunchSimulator(constants, (long) blockTicks.length * headsOfBatch);
    simulator.place(blockTicks, headsOfBatch);
    return constants.launchMicros() + simulator.makespanMicros();
  }

  /** A launch of these heads of a layer. */
  HeadLaunch of(List<Integer> heads, int batch) {
    return HeadLaunch.of(
        kernel, constants, heads, Collections.nCopies(heads.size(), blockTicks), batch);
  }

  double launchMicros() {
    return constants.launchMicros();
  }

  /** A head's share of a launch under perfect balance. */
  double workMicros(int batch) {
    long ticks = 0;
    for (long block : blockTicks) {
      ticks += block;
    }
    return TileSimulator.micros(ticks) * batch / constants.occupancy().slots();
  }
}
