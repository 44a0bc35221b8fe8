package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.profile.HeadStatistics;

/** Sums over the rows of one head and query tile. */
final class UnitSums {
  final double[] recall;
  final double[] squaredError;
  final double[] absoluteChange;
  final double[] squaredChange;
  final double[] signedChange;
  final int[][] recallHistogram;
  final double[] mass;
  double squaredNorm;
  int rows;

  /**
   * @param spans how many spans are scored
   * @param keyTiles how many key tiles are visible
   */
  UnitSums(int spans, int keyTiles) {
    recall = new double[spans];
    squaredError = new double[spans];
    absoluteChange = new double[spans];
    squaredChange = new double[spans];
    signedChange = new double[spans];
    recallHistogram = new int[spans][HeadStatistics.RECALL_BINS];
    mass = new double[keyTiles];
  }

  void addRow(double squaredNormOfOutput) {
    squaredNorm += squaredNormOfOutput;
    rows++;
  }

  void addMass(int keyTile, double share) {
    mass[keyTile] += share;
  }

  /**
   * @param change ⟨∂L/∂O, O_c − O⟩ of the row
   */
  void addSpan(int span, double keptShare, double squaredErrorOfRow, double change) {
    recall[span] += keptShare;
    squaredError[span] += squaredErrorOfRow;
    absoluteChange[span] += Math.abs(change);
    squaredChange[span] += change * change;
    signedChange[span] += change;
    int bin = (int) (keptShare * HeadStatistics.RECALL_BINS);
    recallHistogram[span][Math.min(bin, HeadStatistics.RECALL_BINS - 1)]++;
  }
}
