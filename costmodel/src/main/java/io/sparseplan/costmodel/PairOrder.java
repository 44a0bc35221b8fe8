package io.sparseplan.costmodel;

/**
 * How two lists of times order the same launches, counted over all pairs.
 *
 * @param kendallTau τ-b: concordant less discordant pairs ÷ the geometric mean of the pairs untied
 *     in either list; 0 where a list is all ties
 * @param apart pairs of measured times more than {@link RowRanking#APART} apart
 * @param wrong of these, predicted in the other order or as equal
 */
record PairOrder(double kendallTau, long apart, long wrong) {
  static PairOrder of(double[] predicted, double[] measured) {
    long balance = 0;
    long predictedUntied = 0;
    long measuredUntied = 0;
    long apart = 0;
    long wrong = 0;
    for (int i = 0; i < measured.length; i++) {
      for (int j = 0; j < i; j++) {
        int byPrediction = Double.compare(predicted[i], predicted[j]);
        int byMeasurement = Double.compare(measured[i], measured[j]);
        balance += Integer.signum(byPrediction) * Integer.signum(byMeasurement);
        predictedUntied += byPrediction != 0 ? 1 : 0;
        measuredUntied += byMeasurement != 0 ? 1 : 0;
        double ratio = Math.max(measured[i], measured[j]) / Math.min(measured[i], measured[j]) - 1;
        if (ratio > Ranking.APART) {
          apart++;
          wrong += Integer.signum(byPrediction) == Integer.signum(byMeasurement) ? 0 : 1;
        }
      }
    }
    double untied = Math.sqrt((double) predictedUntied * measuredUntied);
    return new PairOrder(untied == 0 ? 0 : balance / untied, apart, wrong);
  }
}
