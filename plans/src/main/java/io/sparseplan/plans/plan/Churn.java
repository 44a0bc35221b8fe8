package io.sparseplan.plans.plan;

import io.sparseplan.plans.file.Sha256;

/**
 * A plan that a new one shall differ little from.
 *
 * @param baseline hash of the bytes of the plan's file
 * @param maxShare the share of query heads that may run another pattern than there, 0..1
 */
public record Churn(Sha256 baseline, double maxShare) {
  public Churn {
    if (!(maxShare >= 0 && maxShare <= 1)) {
      throw new IllegalArgumentException(
          "The share (%s) of heads that may change must be in 0..1.".formatted(maxShare));
    }
  }
}
