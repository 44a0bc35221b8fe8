package io.sparseplan.costmodel;

/**
 * Where and when a thread block ran in the simulation.
 *
 * @param head of the layer
 * @param slot place p of multiprocessor m is slot p · multiprocessors + m
 * @param startTicks after the start of the first block, in ticks of the {@link TileSimulator}
 * @param lastOfSlot whether no block of the launch ran in its slot afterwards
 */
public record PlacedBlock(int head, int slot, long startTicks, long endTicks, boolean lastOfSlot) {
  /** The same with all times so many times later. */
  PlacedBlock stretched(double factor) {
    return new PlacedBlock(
        head, slot, Math.round(factor * startTicks), Math.round(factor * endTicks), lastOfSlot);
  }
}
