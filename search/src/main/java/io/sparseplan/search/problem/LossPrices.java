package io.sparseplan.search.problem;

/**
 * What a microsecond of the workload is worth in loss, where time is to be least and loss limited.
 *
 * @param lossPerMicro positive and finite
 */
public record LossPrices(double lossPerMicro) {
  /** Where a limit on the loss does not bind, all loss together is worth this share of the time. */
  private static final double NOT_BINDING = 1e-6;

  /**
   * @param microsPerLossUnit the time that one unit more of loss saves, 0 where it saves none
   */
  public static LossPrices of(SearchProblem problem, double microsPerLossUnit) {
    double dense = 0;
    for (int n = 0; n < problem.prices().lengths(); n++) {
      dense += problem.weight(n) * problem.heads().layers() * problem.prices().denseLayerMicros(n);
    }
    double unit = problem.lossUnit().unit();
    double least = NOT_BINDING * dense * unit / Math.max(unit, problem.largestLoss());
    return new LossPrices(unit / Math.max(microsPerLossUnit, least));
  }
}
