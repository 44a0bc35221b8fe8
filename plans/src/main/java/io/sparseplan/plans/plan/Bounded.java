package io.sparseplan.plans.plan;

/**
 * A figure to be small, and a proven bound that no plan for the same goal goes below.
 *
 * @param found what this plan has
 * @param bound what no plan has less than
 */
public record Bounded(double found, double bound) {
  public Bounded {
    if (!Double.isFinite(found) || !Double.isFinite(bound)) {
      throw new IllegalArgumentException(
          "The figures (found %s, bound %s) must be finite.".formatted(found, bound));
    }
  }
}
