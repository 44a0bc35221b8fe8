package io.sparseplan.costmodel.decode;

import io.sparseplan.costmodel.RelativeError;

/**
 * The constants of the kernel compiled for one shape.
 *
 * @param blocksEach thread blocks that a multiprocessor holds
 * @param blockMicros a block beside its tiles: loading the queries, merging its warps, storing
 * @param tileMicros one tile in a block that is alone on the GPU, so bound by latency
 * @param rows measured launches that the constants were fitted to
 * @param error over those rows
 */
public record SplitKvKernel(
    SplitKvShape shape,
    int blocksEach,
    double blockMicros,
    double tileMicros,
    int rows,
    RelativeError error) {
  public SplitKvKernel {
    if (blocksEach < 1) {
      throw new IllegalArgumentException(
          "The blocksEach (%d) multiprocessor must be positive.".formatted(blocksEach));
    }
    Positive.require("blockMicros", blockMicros);
    Positive.require("tileMicros", tileMicros);
  }
}
