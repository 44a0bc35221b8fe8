package io.sparseplan.search.knapsack;

import java.util.Optional;

/**
 * What is known of a {@link MultipleChoice}.
 *
 * @param choice the best choice that was found, empty if none was
 * @param bound no choice within the capacities loses less; {@link #IMPOSSIBLE} where there is none
 * @param multipliers for each budget the loss that a unit more of its capacity saves, in the
 *     relaxation where options may be mixed
 */
public record KnapsackResult(Optional<int[]> choice, long bound, double[] multipliers) {
  /** The bound of a knapsack that is proven to have no choice within its capacities. */
  public static final long IMPOSSIBLE = Long.MAX_VALUE;

  static KnapsackResult impossible(int budgets) {
    return new KnapsackResult(Optional.empty(), IMPOSSIBLE, new double[budgets]);
  }
}
