package io.sparseplan.costmodel.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
    assertThat(RowRanking.of(rows(i -> i + 1.0))).isEqualTo(new RowRanking(1, 1, 1, 45, 0));
    assertThat(RowRanking.of(rows(i -> 100.0 - i))).isEqualTo(new RowRanking(1, -1, -1, 45, 45));
  }

  private static List<PricedRow> rows(IntToDoubleFunction predicted) {
    return IntStream.range(0, 10).mapToObj(i -> row(predicted.applyAsDouble(i), i + 1.0)).toList();
  }

  @Test
  void oneValueForAllOrdersNothing() {
    assertThat(RowRanking.of(rows(i -> 5))).isEqualTo(new RowRanking(1, 0, 0, 45, 45));
  }

  @Test
  void tiesAreCountedAsKendallDoes() {
    double[] predicted = {1, 2, 2, 3};
    double[] measured = {1, 2, 3, 2};
    PairOrder order = PairOrder.of(predicted, measured);
    // Concordant (1,2), (1,3), (1,4); discordant (3,4); 5 pairs untied in each list.
    assertThat(order.kendallTau()).isCloseTo((3 - 1) / 5.0, within(1e-12));
    assertThat(order.apart()).isEqualTo(5);
    assertThat(order.wrong()).isEqualTo(2);
  }

  @Test
  void timesWithinTheNoiseCountAsNoPair() {
    assertThat(PairOrder.of(new double[] {2, 1}, new double[] {1, 1.029}).apart()).isZero();
    assertThat(PairOrder.of(new double[] {2, 1}, new double[] {1, 1.031}).wrong()).isOne();
  }

  @Test
  void smallShapesAndRowsWithoutTimesAreLeftOut() {
    List<PricedRow> rows = rows(i -> i + 1.0);
    assertThat(RowRanking.of(rows.subList(0, 9))).isEqualTo(new RowRanking(0, 0, 0, 0, 0));
    assertThat(RowRanking.of(List.of())).isEqualTo(new RowRanking(0, 0, 0, 0, 0));
  }
}
