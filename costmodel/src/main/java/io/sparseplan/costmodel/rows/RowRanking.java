package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.Ranking;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether predictions put rows in the order of their measured times, within a shape (same GPU,
 * kernel, heads, head_dim, tile, length, batch, visibility). Rows without times do not count.
 */
public final class RowRanking {
  private RowRanking() {}

  /** The ranking of rows. */
  public static Ranking of(List<PricedRow> rows) {
    Map<RowShape, List<Ranking.Times>> shapes =
        rows.stream()
            .filter(row -> row.row().measuredMillis().isPresent())
            .collect(
                Collectors.groupingBy(
                    RowShape::of,
                    LinkedHashMap::new,
                    Collectors.mapping(
                        row ->
                            new Ranking.Times(
                                row.predictedMillis(), row.row().measuredMillis().orElseThrow()),
                        Collectors.toList())));
    return Ranking.of(shapes.values());
  }
}
