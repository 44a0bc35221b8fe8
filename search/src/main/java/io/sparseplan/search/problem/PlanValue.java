package io.sparseplan.search.problem;

import java.util.Comparator;

/**
 * How good a choice for all heads is; the lesser is the better.
 *
 * @param excessParts by how much the limits are broken, 0 if all are kept; see {@link
 *     SearchProblem#valueOf}
 * @param lossUnits the loss in the problem's units
 */
public record PlanValue(long excessParts, long lossUnits) implements Comparable<PlanValue> {
  private static final Comparator<PlanValue> ORDER =
      Comparator.comparingLong(PlanValue::excessParts).thenComparingLong(PlanValue::lossUnits);

  public boolean keepsLimits() {
    return excessParts == 0;
  }

  @Override
  public int compareTo(PlanValue other) {
    return ORDER.compare(this, other);
  }
}
