package io.sparseplan.search.problem;

import java.util.Comparator;

/**
 * How good a choice for all heads is; the lesser is the better.
 *
 * @param brokenRules by how many patterns and changes the rules are broken, 0 if they are kept
 * @param excess by how much the limits are broken, 0 if all are kept; see {@link
 *     SearchProblem#valueOf}
 * @param objective the loss in the problem's units, or the time in parts, whichever is to be least
 * @param changes heads that change against the baseline
 */
public record PlanValue(long brokenRules, long excess, long objective, long changes)
    implements Comparable<PlanValue> {
  private static final Comparator<PlanValue> ORDER =
      Comparator.comparingLong(PlanValue::brokenRules)
          .thenComparingLong(PlanValue::excess)
          .thenComparingLong(PlanValue::objective)
          .thenComparingLong(PlanValue::changes);

  /** Whether it keeps to every limit and rule. */
  public boolean keepsLimits() {
    return brokenRules == 0 && excess == 0;
  }

  @Override
  public int compareTo(PlanValue other) {
    return ORDER.compare(this, other);
  }
}
