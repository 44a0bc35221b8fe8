package io.sparseplan.costmodel;

import java.util.List;
import java.util.function.Consumer;

/**
 * One launch of heads of a layer.
 *
 * @param kernel as the device table names it
 * @param heads of the layer, in launch order
 * @param ticksOfHead the blocks of each of them for one prompt, in ticks of the {@link
 *     TileSimulator}; the arrays are not copied
 * @param batch prompts, each of which runs every head's blocks
 * @param micros from the launch to its end
 */
public record HeadLaunch(
    String kernel,
    KernelConstants constants,
    List<Integer> heads,
    List<long[]> ticksOfHead,
    int batch,
    double micros) {
  static HeadLaunch of(
      String kernel,
      KernelConstants constants,
      List<Integer> heads,
      List<long[]> ticksOfHead,
      int batch) {
    var simulator = LaunchSimulator.of(constants, ticksOfHead, batch);
    ticksOfHead.forEach(ticks -> simulator.place(ticks, batch));
    return new HeadLaunch(
        kernel,
        constants,
        heads,
        ticksOfHead,
        batch,
        constants.launchMicros() + simulator.makespanMicros());
  }

  /**
   * The time that its blocks would take if they kept every slot busy to the end: the sum of the
   * block times ÷ slots. The launch takes this, the launch itself, and what slots stand idle or
   * wait for memory.
   */
  public double workMicros() {
    double work = 0;
    for (long[] ticks : ticksOfHead) {
      work += ofHead(ticks);
    }
    return work;
  }

  /**
   * The part of {@link #workMicros} of one head.
   *
   * @param nth into {@link #heads}
   */
  public double workMicros(int nth) {
    return ofHead(ticksOfHead.get(nth));
  }

  private double ofHead(long[] blockTicks) {
    long sum = 0;
    for (long ticks : blockTicks) {
      sum += ticks;
    }
    return TileSimulator.micros(sum) * batch / constants.occupancy().slots();
  }

  /**
   * Runs the launch once more, with exact block times, and says of every block where and when it
   * ran. Blocks come in the order in which their slots free; time counts from the start of the
   * first block, and is stretched so that the last one ends when the launch does.
   */
  public void replay(Consumer<PlacedBlock> ran) {
    var exact = new TileSimulator(constants);
    ticksOfHead.forEach(ticks -> exact.place(ticks, batch));
    double stretch = (micros - constants.launchMicros()) / exact.makespanMicros();
    replayExactly(block -> ran.accept(block.stretched(stretch)));
  }

  private void replayExactly(Consumer<PlacedBlock> ran) {
    var simulator = new TileSimulator(constants);
    int[] headOfSlot = new int[constants.occupancy().slots()];
    long[] startOfSlot = new long[headOfSlot.length];
    boolean[] used = new boolean[headOfSlot.length];
    var block = new long[1];
    for (int nth = 0; nth < heads.size(); nth++) {
      for (int prompt = 0; prompt < batch; prompt++) {
        for (long ticks : ticksOfHead.get(nth)) {
          block[0] = ticks;
          simulator.place(block, 1);
          int slot = simulator.lastSlot();
          long start = simulator.lastStartTicks();
          if (used[slot]) {
            ran.accept(new PlacedBlock(headOfSlot[slot], slot, startOfSlot[slot], start, false));
          }
          used[slot] = true;
          headOfSlot[slot] = heads.get(nth);
          startOfSlot[slot] = start;
        }
      }
    }
    long[] ends = simulator.endTicks();
    for (int slot = 0; slot < ends.length; slot++) {
      ran.accept(new PlacedBlock(headOfSlot[slot], slot, startOfSlot[slot], ends[slot], true));
    }
  }
}
