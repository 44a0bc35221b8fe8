package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.profile.FirstOrderLoss;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.InfluenceMap;
import io.sparseplan.profiler.attention.AttentionBlocks;
import java.util.function.IntToDoubleFunction;

/** Sums over the query tiles of one head, taken in their order, and the statistics they come to. */
final class HeadSums {
  private final SpanSet spanSet;
  private final TileGrid grid;
  private final AttentionBlocks blocks;
  private final int side;
  private final double[] recall;
  private final double[] squaredError;
  private final double[] absoluteChange;
  private final double[] squaredChange;
  private final double[] signedChange;
  private final int[][] recallHistogram;
  private final double[] massByDistance;
  private final double[][] bandMass;
  private final int[] bandRows;
  private double sinkMass;
  private double squaredNorm;
  private int rows;

  /**
   * @param blocks the head's weights by blocks of the grid
   */
  HeadSums(SpanSet spanSet, TileGrid grid, AttentionBlocks blocks) {
    this.blocks = blocks;
    this.spanSet = spanSet;
    this.grid = grid;
    int variants = spanSet.variants().size();
    recall = new double[variants];
    squaredError = new double[variants];
    absoluteChange = new double[variants];
    squaredChange = new double[variants];
    signedChange = new double[variants];
    recallHistogram = new int[variants][HeadStatistics.RECALL_BINS];
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
    for (int number = 0; number < recall.length; number++) {
      SpanSet.Variant variant = spanSet.variants().get(number);
      if (queryTile >= variant.firstDenseQueryTile()) {
        recall[number] += unit.rows;
        recallHistogram[number][HeadStatistics.RECALL_BINS - 1] += unit.rows;
      } else {
        addSpan(number, unit, variant.span());
      }
    }
  }

  private void addSpan(int variant, UnitSums unit, int span) {
    recall[variant] += unit.recall[span];
    squaredError[variant] += unit.squaredError[span];
    absoluteChange[variant] += unit.absoluteChange[span];
    squaredChange[variant] += unit.squaredChange[span];
    signedChange[variant] += unit.signedChange[span];
    for (int bin = 0; bin < recallHistogram[variant].length; bin++) {
      recallHistogram[variant][bin] += unit.recallHistogram[span][bin];
    }
  }

  /** The statistics of all candidates; a head whose output is zero has no error. */
  HeadStatistics statistics(int candidates) {
    float[] meanRecall = new float[candidates];
    float[] worstDecile = new float[candidates];
    float[] error = new float[candidates];
    for (int candidate = 0; candidate < candidates; candidate++) {
      int variant = spanSet.variantOf(candidate);
      meanRecall[candidate] = (float) (recall[variant] / rows);
      worstDecile[candidate] = worstDecile(recallHistogram[variant]);
      error[candidate] = squaredNorm == 0 ? 0 : (float) (squaredError[variant] / squaredNorm);
    }
    var firstOrder =
        new FirstOrderLoss(
            ofCandidates(candidates, variant -> absoluteChange[variant]),
            ofCandidates(candidates, variant -> Math.sqrt(squaredChange[variant])),
            ofCandidates(candidates, variant -> signedChange[variant]));
    float[] byDistance = new float[massByDistance.length];
    for (int bin = 0; bin < byDistance.length; bin++) {
      byDistance[bin] = (float) (massByDistance[bin] / rows);
    }
    return new HeadStatistics(
        meanRecall,
        worstDecile,
        error,
        firstOrder,
        byDistance,
        (float) (sinkMass / rows),
        (float) Math.max(0, blocks.entropyBits() / rows),
        blockMass(),
        influence());
  }

  private float[] ofCandidates(int candidates, IntToDoubleFunction ofVariant) {
    float[] values = new float[candidates];
    for (int candidate = 0; candidate < candidates; candidate++) {
      values[candidate] = (float) ofVariant.applyAsDouble(spanSet.variantOf(candidate));
    }
    return values;
  }

  private InfluenceMap influence() {
    double[] sums = new double[side * side];
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
        sums[band(queryTile) * side + band(keyTile)] += blocks.influence()[queryTile][keyTile];
      }
    }
    return InfluenceMap.of(sums);
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
