package io.sparseplan.report.view;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The candidates of a head that no other candidate beats in both cost and loss. */
final class Frontier {
  private Frontier() {}

  /**
   * @param costs of each candidate: times, or densities
   * @param losses of each candidate
   * @param chosen kept even where it is beaten
   * @return places of candidates, ascending by cost; of equal candidates the first
   */
  static List<Integer> of(double[] costs, double[] losses, int chosen) {
    List<Integer> cheapestFirst =
        IntStream.range(0, costs.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer candidate) -> costs[candidate])
                    .thenComparingDouble(candidate -> losses[candidate])
                    .thenComparingInt(candidate -> candidate))
            .toList();
    var best = new double[] {Double.POSITIVE_INFINITY};
    return cheapestFirst.stream()
        .filter(
            candidate -> {
              boolean unbeaten = losses[candidate] < best[0];
              best[0] = Math.min(best[0], losses[candidate]);
              return unbeaten || candidate == chosen;
            })
        .toList();
  }
}
