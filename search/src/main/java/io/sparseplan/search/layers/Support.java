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
    return pricedBound - limitsWorth(problem) - rounding(limitsWorth(problem));
  }

  /** No plan that keeps to the limits and takes no longer than this loses less. */
  double lossBound(SearchProblem problem, double mostWorkloadMicros) {
    double worth =
        limitsWorth(problem)
            + problem.lossPerWorkloadMicro(problem.limits(), tariff.lossPerPart())
                * mostWorkloadMicros;
    return pricedBound - worth - rounding(worth);
  }

  /** What the limits and the rules allow, at the tariff's prices. */
  private double limitsWorth(SearchProblem problem) {
    double worth = changesWorth(problem);
    for (int k = 0; k < problem.limits(); k++) {
      // A layer's parts are rounded to the nearest: each may hide half a part.
      worth += tariff.lossPerPart()[k] * (LimitMeter.CAPACITY + problem.heads().layers());
    }
    return worth;
  }

  private double changesWorth(SearchProblem problem) {
    return problem.rules().limitsChanges()
        ? tariff.lossPerChange() * problem.rules().mostChanges()
        : 0;
  }

  private double rounding(double worth) {
    return ROUNDING * (Math.abs(pricedBound) + worth);
  }

  /**
   * No plan that keeps to the limits and loses no more than this needs less time for the workload,
   * in microseconds, where time is to be least.
   */
  double leastMicros(SearchProblem problem, double mostLoss) {
    double worth = limitsWorth(problem) + mostLoss;
    double lossPerMicro = problem.lossPerWorkloadMicro(problem.limits(), tariff.lossPerPart());
    return Math.max(0, (pricedBound - worth - rounding(worth)) / lossPerMicro * (1 - ROUNDING));
  }

  /**
   * No plan by the rules that loses no more than this needs less time for the workload, in
   * microseconds, whatever the limits; 0 where the tariff prices something else than that time.
   */
  double workloadMicrosBound(SearchProblem problem, double mostLoss) {
    List<LimitMeter> meters = problem.meters();
    double lossPerWorkloadMicro = 0;
    for (int k = 0; k < meters.size(); k++) {
      if (tariff.lossPerPart()[k] == 0) {
        continue;
      }
      if (!(meters.get(k).limit() instanceof Limit.MaxTime)) {
        return 0;
      }
      lossPerWorkloadMicro += problem.lossPerWorkloadMicro(k, tariff.lossPerPart());
    }
    if (lossPerWorkloadMicro == 0) {
      return 0;
    }
    double worth = changesWorth(problem) + mostLoss;
    return Math.max(
        0, (pricedBound - worth - rounding(worth)) / lossPerWorkloadMicro * (1 - ROUNDING));
  }
}
