package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.profiler.gpu.SpanScores;

/**
 * Sums over the rows of one head and query tile, for each of the sets of key tiles scored there.
 */
final class UnitSums {
  final double[] recall;
  final double[] squaredError;
  final double[] absoluteChange;
  final double[] squaredChange;
  final double[] signedChange;
  final byte[][] recallBins;
  final double[] mass;
  double squaredNorm;
  int rows;

  /**
   * @param sets how many sets are scored
   * @param keyTiles how many key tiles are visible
   * @param mostRows rows of the query tile
   */
  UnitSums(int sets, int keyTiles, int mostRows) {
    recall = new double[sets];
    squaredError = new double[sets];
    absoluteChange = new double[sets];
    squaredChange = new double[sets];
    signedChange = new double[sets];
    recallBins = new byte[sets][mostRows];
    mass = new double[keyTiles];
  }

  /** What the GPU has summed up of a set, over all rows. */
  void setSums(int set, SpanScores scores) {
    recall[set] = scores.kept(set);
    squaredError[set] = scores.squaredError(set);
    absoluteChange[set] = scores.absoluteChange(set);
    squaredChange[set] = scores.squaredChange(set);
    signedChange[set] = scores.signedChange(set);
    scores.copyBins(set, recallBins[set]);
  }

  void addRow(double squaredNormOfOutput) {
    squaredNorm += squaredNormOfOutput;
    rows++;
  }

  void addRows(int count, double squaredNormOfOutputs) {
    squaredNorm += squaredNormOfOutputs;
    rows += count;
  }

  void addMass(int keyTile, double share) {
    mass[keyTile] += share;
  }

  /**
   * What the set does to a row; of a set that the layer ran there is nothing to add.
   *
   * @param row from 0 in the query tile
   * @param keptShare of the softmax weight, 0..1
   * @param change ⟨∂L/∂O, O_c − O⟩ of the row
   */
  void addSet(int set, int row, double keptShare, double squaredErrorOfRow, double change) {
    recall[set] += keptShare;
    squaredError[set] += squaredErrorOfRow;
    absoluteChange[set] += Math.abs(change);
    squaredChange[set] += change * change;
    signedChange[set] += change;
    recallBins[set][row] = (byte) recallBin(keptShare);
  }

  /** The bin of a share, 0..1. */
  static int recallBin(double keptShare) {
    return Math.min((int) (keptShare * HeadStatistics.RECALL_BINS), HeadStatistics.RECALL_BINS - 1);
  }
}
