package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.Ranking;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether predictions choose the faster of a block-sparse launch and PyTorch's dense kernel on the
 * same tensors. Each measured row is paired with the dense kernel of its shape, whose time is the
 * median over the rows of that shape that carry it.
 *
 * @param pairs whose measured times are more than {@link Ranking#APART} apart
 * @param wrong of these, where the slower one was predicted to be faster
 */
public record DenseChoice(long pairs, long wrong) {
  /** Over all rows whose shape has a measured and a predicted dense time. */
  public static DenseChoice of(List<PricedRow> rows) {
    Map<RowShape, List<PricedRow>> shapes =
        rows.stream()
            .filter(row -> row.row().measuredMillis().isPresent())
            .collect(Collectors.groupingBy(RowShape::of, LinkedHashMap::new, Collectors.toList()));
    long pairs = 0;
    long wrong = 0;
    for (List<PricedRow> shape : shapes.values()) {
      double[] denseMillis =
          shape.stream()
              .flatMap(row -> row.row().sdpaMillis().stream())
              .mapToDouble(Double::doubleValue)
              .sorted()
              .toArray();
      for (PricedRow row : denseMillis.length == 0 ? List.<PricedRow>of() : shape) {
        Optional<Boolean> right = isRight(row, median(denseMillis));
        pairs += right.isPresent() ? 1 : 0;
        wrong += right.orElse(true) ? 0 : 1;
      }
    }
    return new DenseChoice(pairs, wrong);
  }

  /** Nothing where the two take as long as each other, or no dense time is predicted. */
  private static Optional<Boolean> isRight(PricedRow row, double denseMillis) {
    double sparseMillis = row.row().measuredMillis().orElseThrow();
    double ratio = Math.max(sparseMillis, denseMillis) / Math.min(sparseMillis, denseMillis);
    return ratio - 1 <= Ranking.APART
        ? Optional.empty()
        : row.sdpaPredictedMillis()
            .map(predicted -> (row.predictedMillis() < predicted) == (sparseMillis < denseMillis));
  }

  private static double median(double[] ascending) {
    int count = ascending.length;
    return (ascending[(count - 1) / 2] + ascending[count / 2]) / 2;
  }

  /** How many pairs are right, in percent; 100 where there are none. */
  public double rightPercent() {
    return pairs == 0 ? 100 : 100.0 * (pairs - wrong) / pairs;
  }
}
