package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.profile.HeadStatistics;

/** Sums over the query tiles of one head, taken in their order, and the statistics they come to. */
final class HeadSums {
  private final SpanSet spanSet;
  private final TileGrid grid;
  private final int side;
  private final double[] recall;
  private final double[] squaredError;
  private final int[][] recallHistogram;
  private final double[] massByDistance;
  private final double[][] bandMass;
  private final int[] bandRows;
  private double sinkMass;
  private double squaredNorm;
  private int rows;

  HeadSums(SpanSet spanSet, TileGrid grid) {
    this.spanSet = spanSet;
    this.grid = grid;
    int spans = spanSet.spans().size();
    recall = new double[spans];
    squaredError = new double[spans];
    recallHistogram = new int[spans][HeadStatistics.RECALL_BINS];
    massByDistance = new double[distanceBin(grid.tiles() - 1) + 1];
    side = Math.min(HeadStatistics.MAX_BLOCK_MASS_SIDE, grid.tiles());
    bandMass = new double[side][side];
    bandRows = new int[side];
  }

  /** Bin 0 is the query's own tile, bin b ≥ 1 the distances 2^(b−1) .. 2^b − 1. */
  private static int distanceBin(int tilesApart) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(tilesApart);
  }

  private int band(int tileIndex) {
    return tileIndex * side / grid.tiles();
  }

  void add(int queryTile, UnitSums unit) {
    rows += unit.rows;
    squaredNorm += unit.squaredNorm;
    sinkMass += unit.mass[0];
    bandRows[band(queryTile)] += unit.rows;
    for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
      massByDistance[distanceBin(queryTile - keyTile)] += unit.mass[keyTile];
      bandMass[band(queryTile)][band(keyTile)] += unit.mass[keyTile];
    }
    for (int span = 0; span < recall.length; span++) {
      recall[span] += unit.recall[span];
      squaredError[span] += unit.squaredError[span];
      for (int bin = 0; bin < recallHistogram[span].length; bin++) {
        recallHistogram[span][bin] += unit.recallHistogram[span][bin];
      }
    }
  }

  /** The statistics of all candidates; a head whose output is zero has no error. */
  HeadStatistics statistics(int candidates) {
    float[] meanRecall = new float[candidates];
    float[] worstDecile = new float[candidates];
    float[] error = new float[candidates];
    for (int candidate = 0; candidate < candidates; candidate++) {
      int span = spanSet.spanOf(candidate);
      meanRecall[candidate] = (float) (recall[span] / rows);
      worstDecile[candidate] = worstDecile(recallHistogram[span]);
      error[candidate] = squaredNorm == 0 ? 0 : (float) (squaredError[span] / squaredNorm);
    }
    float[] byDistance = new float[massByDistance.length];
    for (int bin = 0; bin < byDistance.length; bin++) {
      byDistance[bin] = (float) (massByDistance[bin] / rows);
    }
    return new HeadStatistics(
        meanRecall, worstDecile, error, byDistance, (float) (sinkMass / rows), blockMass());
  }

  /** The upper edge of the first bin at which a tenth of the rows is reached. */
  private float worstDecile(int[] histogram) {
    long reached = 0;
    for (int bin = 0; bin < histogram.length; bin++) {
      reached += histogram[bin];
      if (reached * 10 >= rows) {
        return (bin + 1f) / histogram.length;
      }
    }
    throw new IllegalStateException("The histogram holds %d of %d rows.".formatted(reached, rows));
  }

  private byte[] blockMass() {
    byte[] map = new byte[side * side];
    for (int i = 0; i < side; i++) {
      for (int j = 0; j <= i; j++) {
        map[i * side + j] = (byte) Math.round(255 * bandMass[i][j] / bandRows[i]);
      }
    }
    return map;
  }
}
