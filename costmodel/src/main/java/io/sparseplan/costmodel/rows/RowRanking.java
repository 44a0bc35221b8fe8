package io.sparseplan.costmodel.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether predictions put launches in the order of their measured times. Launches are compared
 * within a shape (same GPU, heads, head_dim, tile, length, batch, visibility), which is what a
 * search does; shapes with fewer than ten measured rows are left out.
 *
 * @param shapes that have enough rows
 * @param medianTau Kendall's τ-b (Biometrika 33, 1945), median over the shapes, −1..1
 * @param leastTau the smallest of them
 * @param pairs within shapes, of measured times more than 3 % apart
 * @param wrongPairs of these, predicted in the other order or as equal
 */
public record RowRanking(
    int shapes, double medianTau, double leastTau, long pairs, long wrongPairs) {
  /** Shapes with fewer rows are left out. */
  public static final int LEAST_ROWS = 10;

  /** Times further apart than this, ÷ the smaller, can be told apart by a clock. */
  public static final double APART = 0.03;

  /** The ranking of rows; of no shapes where none has enough measured rows. */
  public static RowRanking of(List<PricedRow> rows) {
    Map<RowShape, List<PricedRow>> shapes =
        rows.stream()
            .filter(row -> row.row().measuredMillis().isPresent())
            .collect(Collectors.groupingBy(RowShape::of, LinkedHashMap::new, Collectors.toList()));
    var taus = new ArrayList<Double>();
    long pairs = 0;
    long wrong = 0;
    for (List<PricedRow> shape : shapes.values()) {
      if (shape.size() >= LEAST_ROWS) {
        var order =
            PairOrder.of(
                shape.stream().mapToDouble(PricedRow::predictedMillis).toArray(),
                shape.stream()
                    .mapToDouble(row -> row.row().measuredMillis().orElseThrow())
                    .toArray());
        taus.add(order.kendallTau());
        pairs += order.apart();
        wrong += order.wrong();
      }
    }
    double[] ascending = taus.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new RowRanking(ascending.length, median(ascending), least(ascending), pairs, wrong);
  }

  private static double median(double[] ascending) {
    int count = ascending.length;
    return count == 0 ? 0 : (ascending[(count - 1) / 2] + ascending[count / 2]) / 2;
  }

  private static double least(double[] ascending) {
    return Arrays.stream(ascending).findFirst().orElse(0);
  }
}
