package io.sparseplan.search.knapsack;

import java.util.List;

/**
 * The multiple-choice knapsack: one option a head, so that the losses sum to the least and the
 * costs of each budget to no more than its capacity.
 *
 * <p>Whole numbers, whose largest totals stay within {@link #MAX_TOTAL}: then every total is exact
 * as a {@code long} and as a {@code double}.
 *
 * @param loss loss[head][option], none negative; heads may differ in their number of options
 */
public record MultipleChoice(long[][] loss, List<CostBudget> budgets) {
  /** The largest loss or cost that all heads together may reach. */
  public static final long MAX_TOTAL = 1L << 52;

  public MultipleChoice {
    budgets = List.copyOf(budgets);
    requireSmallTotal("loss", loss);
    if (budgets.isEmpty()) {
      throw new IllegalArgumentException("A knapsack needs a budget.");
    }
    for (CostBudget budget : budgets) {
      for (int head = 0; head < loss.length; head++) {
        if (budget.cost().length != loss.length
            || budget.cost()[head].length != loss[head].length) {
          throw new IllegalArgumentException(
              "The costs and losses differ in their heads or in the options of head %d."
                  .formatted(head));
        }
      }
    }
  }

  int heads() {
    return loss.length;
  }

  int options(int head) {
    return loss[head].length;
  }

  /** The loss of a choice of one option a head. */
  public long lossOf(int[] choice) {
    return total(loss, choice);
  }

  /** Whether the choice keeps to every capacity. */
  public boolean fits(int[] choice) {
    return budgets.stream().allMatch(budget -> budget.of(choice) <= budget.capacity());
  }

  static long total(long[][] values, int[] choice) {
    long total = 0;
    for (int head = 0; head < values.length; head++) {
      total += values[head][choice[head]];
    }
    return total;
  }

  static void requireSmallTotal(String name, long[][] values) {
    long total = 0;
    for (int head = 0; head < values.length; head++) {
      long most = -1;
      for (long value : values[head]) {
        if (value < 0 || value > MAX_TOTAL) {
          throw new IllegalArgumentException(
              "The %s (%d) of head %d must be in 0..2^52.".formatted(name, value, head));
        }
        most = Math.max(most, value);
      }
      if (most < 0) {
        throw new IllegalArgumentException("Head %d has no option.".formatted(head));
      }
      total += most;
      if (total > MAX_TOTAL) {
        throw new IllegalArgumentException(
            "The largest %s of all heads together exceeds 2^52.".formatted(name));
      }
    }
  }
}
