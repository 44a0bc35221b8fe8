package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import java.util.Arrays;

/**
 * What is summed of one head's weights, query tile by query tile, so that several workers can share
 * the head.
 *
 * @param mass {@code [query tile][key tile]}
 * @param influence likewise
 * @param entropyBits by query tile
 */
record BlockSums(double[][] mass, double[][] influence, double[] entropyBits) {
  /** Zeros. */
  static BlockSums of(TileGrid grid) {
    return new BlockSums(zeros(grid), zeros(grid), new double[grid.tiles()]);
  }

  private static double[][] zeros(TileGrid grid) {
    double[][] sums = new double[grid.tiles()][];
    Arrays.setAll(sums, queryTile -> new double[grid.lastVisibleKeyTile(queryTile) + 1]);
    return sums;
  }

  /** Of the whole head, when every query tile is done. */
  AttentionBlocks blocks() {
    double allEntropyBits = 0;
    for (double ofTile : entropyBits) {
      allEntropyBits += ofTile;
    }
    return new AttentionBlocks(mass, influence, allEntropyBits);
  }
}
