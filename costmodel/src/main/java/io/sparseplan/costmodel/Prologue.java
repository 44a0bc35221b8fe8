package io.sparseplan.costmodel;

import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.IndexRule;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;

/**
 * What a layer does before its attention: choosing tiles, and laying tokens out anew.
 *
 * <p>Matrix products are taken to run at the rate of the attention kernel itself, 4·tile²·head_dim
 * FLOP in a tile's time on each slot, which was measured; memory to give its published peak.
 */
record Prologue(
    DeviceTable table,
    AttentionRuntime runtime,
    KernelShape shape,
    AttentionShape attention,
    int batch) {
  /** Heads of the layer times prompts of the batch. */
  int headsOfBatch() {
    return Math.multiplyExact(batch, attention.queryHeads().count());
  }

  /** Choosing the tiles of one head, of all prompts. */
  double indexMicros(IndexRule rule, TileGrid grid) {
    if (!rule.runs()) {
      return 0;
    }
    return batch * rule.work(grid, attention.headDim()).micros(flopsPerMicro(), bytesPerMicro())
        + runtime.selection().headMicros();
  }

  /** Laying out the tokens of a layer and putting its output back. */
  double permutationMicros(TileGrid grid) {
    return grid.visibility() == Visibility.CAUSAL
        ? 0
        : runtime
            .tokenPermutation()
            .map(
                permutation -> permutation.micros(attention, grid.length(), batch, bytesPerMicro()))
            .orElse(0.0);
  }

  private double flopsPerMicro() {
    double tile = shape.tile().tokens();
    return shape.constants().occupancy().slots()
        * 4
        * tile
        * tile
        * shape.headDim().count()
        / shape.constants().tileMicros();
  }

  private double bytesPerMicro() {
    return 1e3
        * table
            .peaks()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The memory bandwidth of the GPU (%s) of the device table %s is not known."
                            .formatted(table.gpu(), table.name()),
                        "price a plan of fixed patterns, for a runtime that permutes no tokens."))
            .memoryGigabytesPerSecond();
  }
}
