package io.sparseplan.search.layers;

import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.SearchProblem;
import java.util.Arrays;
import java.util.List;

/**
 * A price for using up the limits, in loss: what turns the limits into part of the objective.
 *
 * @param prices as given to {@link #of}, none negative
 * @param lossPerPart for each meter
 * @param lossPerChange of a head that changes against the baseline
 * @param lossPerMicro for each length: of one layer's time
 * @param lossOfCandidate for each candidate: of what it uses up in one head whatever the time
 */
record Tariff(
    double[] prices,
    double[] lossPerPart,
    double lossPerChange,
    double[] lossPerMicro,
    double[] lossOfCandidate) {
  /**
   * @param prices for each meter of a part of it; then, where changes are limited, of a change
   */
  static Tariff of(SearchProblem problem, double[] prices) {
    List<LimitMeter> meters = problem.meters();
    double[] lossPerPart = Arrays.copyOf(prices, meters.size());
    double lossPerChange = problem.rules().limitsChanges() ? prices[meters.size()] : 0;
    double[] lossPerMicro = new double[problem.prices().lengths()];
    double[] lossOfCandidate = new double[problem.prices().candidates()];
    for (int k = 0; k < lossPerPart.length; k++) {
      LimitMeter meter = meters.get(k);
      for (int n = 0; n < lossPerMicro.length; n++) {
        lossPerMicro[n] += lossPerPart[k] * meter.partsPerMicro(n);
      }
      for (int candidate = 0; candidate < lossOfCandidate.length; candidate++) {
        lossOfCandidate[candidate] += lossPerPart[k] * meter.candidateParts(candidate);
      }
    }
    return new Tariff(prices.clone(), lossPerPart, lossPerChange, lossPerMicro, lossOfCandidate);
  }

  /** This tariff moved by a share of the way towards other prices. */
  Tariff towards(SearchProblem problem, double[] otherPrices, double share) {
    double[] moved = new double[prices.length];
    Arrays.setAll(moved, k -> prices[k] + share * (otherPrices[k] - prices[k]));
    return of(problem, moved);
  }

  boolean isFree() {
    return Arrays.stream(prices).allMatch(price -> price == 0);
  }
}
