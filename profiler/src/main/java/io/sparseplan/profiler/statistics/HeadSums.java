package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.profile.FirstOrderLoss;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.InfluenceMap;
import io.sparseplan.plans.profile.VisitedTiles;
import io.sparseplan.profiler.attention.AttentionBlocks;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Sums over the query tiles of one head, taken in their order, and the statistics they come to. */
final class HeadSums {
  private final TileGrid grid;
  private final AttentionBlocks blocks;
  private final int side;
  private final double[] recall;
  private final double[] squaredError;
  private final double[] absoluteChange;
  private final double[] squaredChange;
  private final double[] signedChange;
  private final double[] droppedInfluence;
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
  HeadSums(int candidates, TileGrid grid, AttentionBlocks blocks) {
    this.blocks = blocks;
    this.grid = grid;
    recall = new double[candidates];
    squaredError = new double[candidates];
    absoluteChange = new double[candidates];
    squaredChange = new double[candidates];
    signedChange = new double[candidates];
    droppedInfluence = new double[candidates];
    recallHistogram = new int[candidates][HeadStatistics.RECALL_BINS];
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

  /**
   * @param candidates those whose sets are of the grid's tiles
   */
  void add(int queryTile, KeyTileSets sets, UnitSums unit, int[] candidates) {
    rows += unit.rows;
    squaredNorm += unit.squaredNorm;
    sinkMass += unit.mass[0];
    bandRows[band(queryTile)] += unit.rows;
    for (int keyTile = 0; keyTile < unit.mass.length; keyTile++) {
      massByDistance[distanceBin(Math.abs(queryTile - keyTile))] += unit.mass[keyTile];
      bandMass[band(queryTile)][band(keyTile)] += unit.mass[keyTile];
    }
    for (int candidate : candidates) {
      int set = sets.setOf(candidate);
      if (sets.isAsRan(set)) {
        recall[candidate] += unit.rows;
        recallHistogram[candidate][HeadStatistics.RECALL_BINS - 1] += unit.rows;
      } else {
        addSet(candidate, unit, set);
        droppedInfluence[candidate] += droppedInfluence(queryTile, sets.keyTiles(set));
      }
    }
  }

  /**
   * Takes back that a row of a candidate was dense.
   *
   * @param keptShare of the softmax weight, 0..1
   * @param change ⟨∂L/∂O, O_c − O⟩ of the row
   */
  void replaceDenseRow(
      int candidate, double keptShare, double squaredErrorOfRow, double change, double influence) {
    recall[candidate] += keptShare - 1;
    recallHistogram[candidate][HeadStatistics.RECALL_BINS - 1]--;
    recallHistogram[candidate][UnitSums.recallBin(keptShare)]++;
    squaredError[candidate] += squaredErrorOfRow;
    absoluteChange[candidate] += Math.abs(change);
    squaredChange[candidate] += change * change;
    signedChange[candidate] += change;
    droppedInfluence[candidate] += influence;
  }

  /**
   * Adds a candidate that was scored beside the tiles, over all rows of the head.
   *
   * @param unit its sums, as the one set
   * @param keptInfluence Σ |E| of what it keeps
   */
  void addPermuted(int candidate, UnitSums unit, double keptInfluence) {
    addSet(candidate, unit, 0);
    double all = Arrays.stream(blocks.influence()).flatMapToDouble(Arrays::stream).sum();
    droppedInfluence[candidate] = Math.max(0, all - keptInfluence);
  }

  /** Summed over what is left out, not taken from the whole: no difference of large numbers. */
  private double droppedInfluence(int queryTile, int[] keptTiles) {
    double[] influence = blocks.influence()[queryTile];
    double dropped = 0;
    int nextKept = 0;
    for (int keyTile = 0; keyTile < influence.length; keyTile++) {
      if (nextKept < keptTiles.length && keptTiles[nextKept] == keyTile) {
        nextKept++;
      } else {
        dropped += influence[keyTile];
      }
    }
    return dropped;
  }

  private void addSet(int candidate, UnitSums unit, int set) {
    recall[candidate] += unit.recall[set];
    squaredError[candidate] += unit.squaredError[set];
    absoluteChange[candidate] += unit.absoluteChange[set];
    squaredChange[candidate] += unit.squaredChange[set];
    signedChange[candidate] += unit.signedChange[set];
    for (int row = 0; row < unit.rows; row++) {
      recallHistogram[candidate][unit.recallBins[set][row] & 0xff]++;
    }
  }

  /**
   * The statistics of all candidates; a head whose output is zero has no error.
   *
   * @param visited by the selected candidates
   */
  HeadStatistics statistics(VisitedTiles visited) {
    float[] worstDecile = new float[recall.length];
    for (int candidate = 0; candidate < recall.length; candidate++) {
      worstDecile[candidate] = worstDecile(recallHistogram[candidate]);
    }
    var firstOrder =
        new FirstOrderLoss(
            floats(absoluteChange, change -> change),
            floats(squaredChange, Math::sqrt),
            floats(signedChange, change -> change));
    float[] byDistance = new float[massByDistance.length];
    for (int bin = 0; bin < byDistance.length; bin++) {
      byDistance[bin] = (float) (massByDistance[bin] / rows);
    }
    return new HeadStatistics(
        floats(recall, sum -> sum / rows),
        worstDecile,
        floats(squaredError, sum -> squaredNorm == 0 ? 0 : sum / squaredNorm),
        firstOrder,
        byDistance,
        (float) (sinkMass / rows),
        (float) Math.max(0, blocks.entropyBits() / rows),
        blockMass(),
        influence(),
        floats(droppedInfluence, sum -> sum),
        visited);
  }

  private static float[] floats(double[] sums, DoubleUnaryOperator of) {
    float[] values = new float[sums.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) of.applyAsDouble(sums[i]);
    }
    return values;
  }

  private InfluenceMap influence() {
    double[] sums = new double[side * side];
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      double[] influence = blocks.influence()[queryTile];
      for (int keyTile = 0; keyTile < influence.length; keyTile++) {
        sums[band(queryTile) * side + band(keyTile)] += influence[keyTile];
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
      for (int j = 0; j < side; j++) {
        map[i * side + j] = (byte) Math.round(255 * bandMass[i][j] / bandRows[i]);
      }
    }
    return map;
  }
}
