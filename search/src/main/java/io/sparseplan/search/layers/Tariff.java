package io.sparseplan.search.layers;

import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Arrays;
import java.util.List;

/**
 * A price for using up the limits, in loss: what turns the limits into part of the objective.
 *
 * @param lossPerPart for each meter, none negative
 * @param lossPerMicro for each length: of one layer's time
 * @param lossOfCandidate for each candidate: of its density in one head
 */
record Tariff(double[] lossPerPart, double[] lossPerMicro, double[] lossOfCandidate) {
  static Tariff of(SearchProblem problem, double[] lossPerPart) {
    List<LimitMeter> meters = problem.meters();
    double[] lossPerMicro = new double[problem.prices().lengths()];
    double[] lossOfCandidate = new double[problem.prices().candidates()];
    for (int k = 0; k < lossPerPart.length; k++) {
      LimitMeter meter = meters.get(k);
      for (int n = 0; n < lossPerMicro.length; n++) {
        lossPerMicro[n] += lossPerPart[k] * meter.partsPerMicro(n);
      }
      for (int candidate = 0; candidate < lossOfCandidate.length; candidate++) {
        lossOfCandidate[candidate] += lossPerPart[k] * meter.densityParts(candidate);
      }
    }
    return new Tariff(lossPerPart.clone(), lossPerMicro, lossOfCandidate);
  }

  /** This tariff moved by a share of the way towards other prices of a part. */
  Tariff towards(SearchProblem problem, double[] otherLossPerPart, double share) {
    double[] moved = new double[lossPerPart.length];
    Arrays.setAll(moved, k -> lossPerPart[k] + share * (otherLossPerPart[k] - lossPerPart[k]));
    return of(problem, moved);
  }

  boolean isFree() {
    return Arrays.stream(lossPerPart).allMatch(price -> price == 0);
  }
}
