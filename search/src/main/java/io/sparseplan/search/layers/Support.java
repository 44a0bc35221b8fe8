package io.sparseplan.search.layers;

import io.sparseplan.plans.plan.Limit;
import io.sparseplan.search.problem.LimitMeter;
import io.sparseplan.search.problem.SearchProblem;
import java.util.List;

/**
 * A proven inequality: every plan's loss and what it uses up of the limits, at the tariff's prices,
 * come to no less than the priced bound.
 */
record Support(Tariff tariff, double pricedBound) {
  /** More than the rounding of all sums behind a bound. */
  private static final double ROUNDING = 1e-12;

  /** No plan that keeps to the limits loses less. */
  double lossBound(SearchProblem problem) {
    double worth = 0;
    for (double price : tariff.lossPerPart()) {
      // A layer's parts are rounded to the nearest: each may hide half a part.
      worth += price * (LimitMeter.CAPACITY + problem.heads().layers());
    }
    return pricedBound - worth - ROUNDING * (Math.abs(pricedBound) + worth);
  }

  /**
   * No plan that loses no more than this needs less time for the workload, in microseconds; 0 where
   * the tariff prices something else than that time.
   */
  double workloadMicrosBound(SearchProblem problem, double mostLoss) {
    List<LimitMeter> meters = problem.meters();
    double lossPerWorkloadMicro = 0;
    for (int k = 0; k < meters.size(); k++) {
      double price = tariff.lossPerPart()[k];
      if (price == 0) {
        continue;
      }
      if (!(meters.get(k).limit() instanceof Limit.MaxTime)) {
        return 0;
      }
      lossPerWorkloadMicro += price * meters.get(k).partsPerMicro(0) / problem.weight(0);
    }
    if (lossPerWorkloadMicro == 0) {
      return 0;
    }
    double rounding = ROUNDING * (Math.abs(pricedBound) + mostLoss);
    return Math.max(0, (pricedBound - mostLoss - rounding) / lossPerWorkloadMicro * (1 - ROUNDING));
  }
}
