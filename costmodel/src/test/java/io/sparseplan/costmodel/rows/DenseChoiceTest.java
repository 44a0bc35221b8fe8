package io.sparseplan.costmodel.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.fit.DeviceTableFitter;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.MeasuredRows;
import io.sparseplan.costmodel.measured.Measurements;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DenseChoiceTest {
  /** Three: such fits are quick, and know less than those of four fifths of the rows. */
  private static final int FOLDS = 3;

  private static List<LaunchRow> rows(String name) {
    return MeasuredRows.launches(Measurements.file(name));
  }

  /**
   * Each row priced by a table that was fitted to rows of the other folds, dense kernel and all.
   */
  private static List<PricedRow> heldOut(String name) {
    List<MeasuredRow> measured = Measurements.rows(name);
    List<LaunchRow> launches = rows(name);
    var priced = new ArrayList<PricedRow>();
    for (int fold = 0; fold < FOLDS; fold++) {
      int left = fold;
      DeviceTable table =
          new DeviceTableFitter("fold", 132)
              .fit(
                  IntStream.range(0, measured.size())
                      .filter(row -> row % FOLDS != left)
                      .mapToObj(measured::get)
                      .toList());
      var pricer = new RowPricer(table);
      for (int row = fold; row < launches.size(); row += FOLDS) {
        priced.add(pricer.price(launches.get(row)));
      }
    }
    return priced;
  }

  @ParameterizedTest
  @CsvSource({"h100-flex-prefill, 180", "h200-flex-prefill, 200"})
  void theFasterOfSparseAndDenseIsChosenByTablesThatDidNotSeeTheRow(String name, int leastPairs) {
    DenseChoice choice = DenseChoice.of(heldOut(name));
    assertThat(choice.pairs()).isGreaterThanOrEqualTo(leastPairs);
    assertThat(choice.rightPercent()).as("%s", choice).isGreaterThanOrEqualTo(99);
  }

  @Test
  void pairsThatTakeAsLongDoNotCountAndWrongOnesDo() {
    LaunchRow dense =
        rows("h100-flex-prefill").stream()
            .filter(row -> row.sdpaMillis().isPresent())
            .findFirst()
            .orElseThrow();
    double sdpa = dense.sdpaMillis().orElseThrow();
    assertThat(choice(dense, 2 * sdpa, 3, 2)).isEqualTo(new DenseChoice(1, 0));
    assertThat(choice(dense, 2 * sdpa, 2, 3)).isEqualTo(new DenseChoice(1, 1));
    assertThat(choice(dense, sdpa / 2, 2, 3)).isEqualTo(new DenseChoice(1, 0));
    assertThat(choice(dense, sdpa / 2, 3, 3)).isEqualTo(new DenseChoice(1, 1));
    assertThat(choice(dense, 1.029 * sdpa, 2, 3)).isEqualTo(new DenseChoice(0, 0));
    assertThat(choice(dense, 2 * sdpa, 2, 3).rightPercent()).isZero();
  }

  private static DenseChoice choice(
      LaunchRow row, double measured, double predicted, double sdpaPredicted) {
    var timed =
        new LaunchRow(
            1,
            row.launch(),
            row.visitedTiles(),
            row.gpu(),
            row.kernel(),
            Optional.of(measured),
            row.sdpaMillis());
    return DenseChoice.of(
        List.of(new PricedRow(timed, predicted, Optional.of(sdpaPredicted), List.of())));
  }
}
