package io.sparseplan.search.knapsack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The options of one head that are worth their cost. */
final class Frontier {
  private Frontier() {}

  /** The options that no other beats in cost and loss, by ascending cost and descending loss. */
  static int[] undominated(long[] cost, long[] loss) {
    int[] byCost =
        IntStream.range(0, cost.length)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingLong(option -> cost[option])
                    .thenComparingLong(option -> loss[option])
                    .thenComparingInt(option -> option))
            .mapToInt(Integer::intValue)
            .toArray();
    int kept = 0;
    for (int option : byCost) {
      if (kept == 0 || loss[option] < loss[byCost[kept - 1]]) {
        byCost[kept++] = option;
      }
    }
    return Arrays.copyOf(byCost, kept);
  }

  /**
   * Those of the undominated options that some price of cost makes the best: the lower convex hull,
   * along which each further unit of cost buys ever less loss.
   */
  static int[] hull(int[] undominated, long[] cost, long[] loss) {
    int[] hull = new int[undominated.length];
    int size = 0;
    for (int option : undominated) {
      while (size >= 2
          && gain(cost, loss, hull[size - 1], option)
              >= gain(cost, loss, hull[size - 2], hull[size - 1])) {
        size--;
      }
      hull[size++] = option;
    }
    return Arrays.copyOf(hull, size);
  }

  /** The loss that each unit of cost saves between two options. */
  static double gain(long[] cost, long[] loss, int cheaper, int dearer) {
    return (double) (loss[cheaper] - loss[dearer]) / (cost[dearer] - cost[cheaper]);
  }
}
