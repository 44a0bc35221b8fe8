package io.sparseplan.costmodel;

/**
 * Where and when a thread block ran in the simulation.
 *
 * @param head of the layer
 * @param slot place p of multiprocessor m is slot p · multiprocessors + m
 * @param startTicks after the start of the first block, in ticks of the {@link TileSimulator}
 * @param lastOfSlot whether no block of the launch ran in its slot afterwards
 */
public record PlacedBlock(int head, int slot, long startTicks, long endTicks, boolean lastOfSlot) {}
