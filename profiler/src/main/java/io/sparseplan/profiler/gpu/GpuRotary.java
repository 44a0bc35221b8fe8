package io.sparseplan.profiler.gpu;

import io.sparseplan.profiler.attention.RotaryTable;

/**
 * The cosines and sines of rotary positions in a GPU's memory, [tokens][pairs], float.
 *
 * @param pairs of elements that rotate
 * @param tokens that the table holds
 */
record GpuRotary(GpuBuffer cosines, GpuBuffer sines, int pairs, int tokens)
    implements AutoCloseable {
  static GpuRotary upload(GpuSession gpu, RotaryTable table, int tokens) {
    return new GpuRotary(
        gpu.uploaded(table.cosines()).orElseThrow(),
        gpu.uploaded(table.sines()).orElseThrow(),
        table.pairs(),
        tokens);
  }

  @Override
  public void close() {
    cosines.close();
    sines.close();
  }
}
