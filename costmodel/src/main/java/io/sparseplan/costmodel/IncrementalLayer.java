package io.sparseplan.costmodel;

import java.util.List;

/**
 * The makespan of one layer while its heads change one at a time.
 *
 * <p>Idea: heads are placed in order, so a change of one head changes nothing before it. The
 * simulator is saved before every head, and goes on from the first head that changed. A copy of its
 * state costs as much as placing a few blocks; a change of a head drawn at random costs half a
 * layer, and of the last head next to nothing.
 */
public final class IncrementalLayer {
  private final LaunchSimulator simulator;
  private final int batch;
  private final long[][] ticksOfHead;
  private final LaunchSimulator.Checkpoint[] beforeHead;
  private int firstChanged;

  /**
   * @param batch prompts, each of which runs every head's blocks
   * @param ticksOfHead the blocks of each head, see {@link BlockTimes}; the arrays are not copied
   */
  public IncrementalLayer(KernelConstants constants, int batch, List<long[]> ticksOfHead) {
    this.simulator = LaunchSimulator.of(constants, ticksOfHead, batch);
    this.batch = batch;
    this.ticksOfHead = ticksOfHead.toArray(long[][]::new);
    this.beforeHead = new LaunchSimulator.Checkpoint[ticksOfHead.size()];
    for (int head = 0; head < beforeHead.length; head++) {
      beforeHead[head] = new LaunchSimulator.Checkpoint(simulator);
    }
  }

  /** Gives one head as many other blocks; the array is not copied. */
  public void set(int head, long[] blockTicks) {
    ticksOfHead[head] = blockTicks;
    firstChanged = Math.min(firstChanged, head);
  }

  /** When the last block of the layer ends, in microseconds. */
  public double makespanMicros() {
    if (firstChanged < beforeHead.length) {
      simulator.restore(beforeHead[firstChanged]);
    }
    for (int head = firstChanged; head < beforeHead.length; head++) {
      simulator.save(beforeHead[head]);
      simulator.place(ticksOfHead[head], batch);
    }
    firstChanged = beforeHead.length;
    return simulator.makespanMicros();
  }
}
