package io.sparseplan.costmodel.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.Ranking;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.measured.Measurements;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowRankingTest {
  private static final LaunchRow ROW =
      MeasuredRows.launches(Measurements.file("h100-flex-prefill")).getFirst();

  private static PricedRow row(double predicted, double measured) {
    var row =
        new LaunchRow(
            1,
            ROW.launch(),
            ROW.visitedTiles(),
            ROW.gpu(),
            ROW.kernel(),
            Optional.of(measured),
            Optional.empty());
    return new PricedRow(row, predicted, Optional.empty(), List.of());
  }

  @Test
  void theRightOrderHasTauOneAndTheReverseMinusOne() {
    assertThat(RowRanking.of(rows(i -> i + 1.0))).isEqualTo(new Ranking(1, 1, 1, 45, 0));
    assertThat(RowRanking.of(rows(i -> 100.0 - i))).isEqualTo(new Ranking(1, -1, -1, 45, 45));
  }

  private static List<PricedRow> rows(IntToDoubleFunction predicted) {
    return IntStream.range(0, 10).mapToObj(i -> row(predicted.applyAsDouble(i), i + 1.0)).toList();
  }

  @Test
  void oneValueForAllOrdersNothing() {
    assertThat(RowRanking.of(rows(i -> 5))).isEqualTo(new Ranking(1, 0, 0, 45, 45));
  }

  @Test
  void smallShapesAndRowsWithoutTimesAreLeftOut() {
    List<PricedRow> rows = rows(i -> i + 1.0);
    assertThat(RowRanking.of(rows.subList(0, 9))).isEqualTo(new Ranking(0, 0, 0, 0, 0));
    assertThat(RowRanking.of(List.of())).isEqualTo(new Ranking(0, 0, 0, 0, 0));
  }
}
