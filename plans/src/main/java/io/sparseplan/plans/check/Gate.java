package io.sparseplan.plans.check;

/**
 * One limit of a budget.
 *
 * @param limit in the unit of the gate's quantity
 */
public record Gate(GateLevel level, double limit) {
  public Gate {
    if (!(limit >= 0 && Double.isFinite(limit))) {
      throw new IllegalArgumentException("The limit (%s) of a gate is not >= 0.".formatted(limit));
    }
  }
}
