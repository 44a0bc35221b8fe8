package io.sparseplan.costmodel.fit;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.Interval;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.Ranking;
import io.sparseplan.costmodel.Validation;
import io.sparseplan.costmodel.fit.CrossValidation.Prediction;
import io.sparseplan.costmodel.fit.CrossValidation.Validated;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrossValidationTest {
  private static final List<MeasuredRow> HEAD_DIM_64 =
      Measurements.rows("h100-flex-prefill").stream()
          .filter(row -> row.headDim().count() == 64)
          .toList();

  /** Quick to fit. */
  private static final List<MeasuredRow> SHORT =
      HEAD_DIM_64.stream().filter(row -> row.keyLength().count() <= 8192).limit(20).toList();

  private static final List<Prediction> HELD_OUT = CrossValidation.heldOut(HEAD_DIM_64, 2);

  @Test
  void everyRowIsPredictedOnceAndByConstantsThatDidNotSeeIt() {
    assertThat(HELD_OUT)
        .extracting(prediction -> prediction.launch().row())
        .containsExactlyInAnyOrderElementsOf(HEAD_DIM_64);
    DeviceTable seen = new DeviceTableFitter("seen", 132).fit(HEAD_DIM_64);
    assertThat(CrossValidation.report("held out", HELD_OUT).mapePercent())
        .isGreaterThan(
            CrossValidation.report("seen", CrossValidation.predictions(seen, HEAD_DIM_64))
                .mapePercent());
  }

  @Test
  void aRowWithAnImpossibleTimeSpoilsOnlyItsOwnPrediction() {
    List<MeasuredRow> broken = new ArrayList<>(HEAD_DIM_64);
    broken.set(7, EditedRow.withMillis(broken.get(7), 1000 * broken.get(7).medianMillis()));
    Map<MeasuredRow, Double> before = predicted(HELD_OUT);
    Map<MeasuredRow, Double> after = predicted(CrossValidation.heldOut(broken, 2));
    for (int i = 0; i < broken.size(); i++) {
      if (i != 7) {
        assertThat(after.get(broken.get(i)) / before.get(HEAD_DIM_64.get(i))).isBetween(0.93, 1.07);
      }
    }
    assertThat(after.get(broken.get(7))).isLessThan(2 * before.get(HEAD_DIM_64.get(7)));
  }

  private static Map<MeasuredRow, Double> predicted(List<Prediction> predictions) {
    var byRow = new HashMap<MeasuredRow, Double>();
    predictions.forEach(
        prediction -> byRow.put(prediction.launch().row(), prediction.predictedMicros()));
    return byRow;
  }

  @Test
  void groupsAddUpToAllRows() {
    List<ErrorReport> reports = CrossValidation.reports(HELD_OUT);
    assertThat(reports.getFirst().group()).isEqualTo("all");
    assertThat(reports.getFirst().rows()).isEqualTo(HEAD_DIM_64.size());
    assertThat(rows(reports, "causal") + rows(reports, "bidirectional"))
        .isEqualTo(HEAD_DIM_64.size());
    assertThat(rows(reports, "head_dim 64, tile 128")).isEqualTo(HEAD_DIM_64.size());
    assertThat(reports.getFirst().mapePercent()).isBetween(0.5, 3.0);
  }

  @Test
  void constantsLieWithinTheirIntervalsWhichMoreRowsMakeNarrower() {
    var fitter = new DeviceTableFitter("h100", 132);
    Validated all = CrossValidation.validate(fitter, HEAD_DIM_64, List.of(), 3);
    KernelShape shape = all.table().shapes().getFirst();
    assertThat(shape.withIntervals(Optional.empty()))
        .isEqualTo(fitter.fit(HEAD_DIM_64).shapes().getFirst());
    Interval tile = shape.intervals().orElseThrow().tileMicros();
    assertThat(shape.constants().tileMicros()).isBetween(tile.low(), tile.high());
    assertThat(tile.high() - tile.low()).isBetween(0.001 * tile.high(), 0.2 * tile.high());
    Validation validation = all.table().validation().orElseThrow();
    assertThat(validation.rows()).isEqualTo(HEAD_DIM_64.size());
    assertThat(validation.heldOut().meanPercent())
        .isCloseTo(all.heldOut().getFirst().mapePercent(), within(1e-2));
  }

  @Test
  void rowsThatAreAlsoFittedAreInEveryFitAndNeverJudged() {
    var fitter = new DeviceTableFitter("h100", 132);
    List<MeasuredRow> judged = SHORT.subList(0, 10);
    List<MeasuredRow> also = SHORT.subList(10, 20);
    Validated found = CrossValidation.validate(fitter, judged, also, 2);
    assertThat(found.heldOut().getFirst().rows()).isEqualTo(10);
    assertThat(found.table().shapes()).isEqualTo(fitter.fit(SHORT).shapes());
    assertThat(found.table().shapes().getFirst().intervals()).isEmpty();
  }

  @Test
  void noFitSeesAnotherMeasurementOfALaunchThatItHoldsOut() {
    List<MeasuredRow> rows = SHORT;
    List<MeasuredRow> again =
        rows.stream().map(row -> EditedRow.withMillis(row, 1.001 * row.medianMillis())).toList();
    List<Prediction> heldOut =
        CrossValidation.heldOut(Stream.concat(rows.stream(), again.stream()).toList(), 2);
    Map<Launch, List<Prediction>> byLaunch =
        heldOut.stream().collect(groupingBy(prediction -> prediction.launch().row().launch()));
    assertThat(byLaunch.values())
        .allSatisfy(
            predictions ->
                assertThat(predictions)
                    .hasSizeGreaterThan(1)
                    .extracting(Prediction::predictedMicros)
                    .containsOnly(predictions.getFirst().predictedMicros()));

    var fitter = new DeviceTableFitter("h100", 132);
    assertThat(CrossValidation.validate(fitter, rows, again, 2).heldOut().getFirst())
        .isEqualTo(
            CrossValidation.report(
                "all",
                heldOut.stream()
                    .filter(prediction -> rows.contains(prediction.launch().row()))
                    .toList()));
  }

  /** The other GPU's times would give them away: they are the same but for its clock. */
  @Test
  void noFitSeesALaunchThatItHoldsOutOnAnotherGpu() {
    var fitter = new DeviceTableFitter("h100", 132);
    List<MeasuredRow> rows = SHORT;
    List<MeasuredRow> elsewhere =
        rows.stream().map(row -> EditedRow.onGpu("NVIDIA H200", row)).toList();
    Validated alone = CrossValidation.validate(fitter, rows, List.of(), 2);
    Validated beside = CrossValidation.validate(fitter, rows, elsewhere, 2);
    assertThat(beside.heldOut()).isEqualTo(alone.heldOut());
    assertThat(beside.table().shapes()).isEqualTo(alone.table().shapes());
    assertThat(beside.table().shapes().getFirst().intervals()).isPresent();
  }

  @Test
  void judgedRowsOfSeveralGpusAreRefused() {
    List<MeasuredRow> rows = new ArrayList<>(HEAD_DIM_64);
    rows.add(EditedRow.onGpu("NVIDIA H200", rows.getFirst()));
    assertThatThrownBy(
            () -> CrossValidation.validate(new DeviceTableFitter("both", 132), rows, List.of(), 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("several values of gpu");
  }

  @Test
  void repeatsLieAboutTheirMeanAsFarAsNoiseDoes() {
    var random = new Random(3);
    var rows = new ArrayList<MeasuredRow>();
    for (MeasuredRow row : HEAD_DIM_64) {
      double millis = row.medianMillis();
      rows.add(EditedRow.withMillis(row, millis * (1 + 0.01 * random.nextGaussian())));
      rows.add(EditedRow.withMillis(row, millis * (1 + 0.01 * random.nextGaussian())));
      rows.add(EditedRow.withMillis(row, millis * (1 + 0.01 * random.nextGaussian())));
    }
    double meanOfNormal = Math.sqrt(2 / Math.PI);
    assertThat(Repeats.of(rows).orElseThrow().meanPercent()).isCloseTo(meanOfNormal, within(0.15));
    assertThat(Repeats.of(HEAD_DIM_64.subList(0, 1))).isEmpty();
  }

  private static int rows(List<ErrorReport> reports, String group) {
    return reports.stream()
        .filter(report -> report.group().equals(group))
        .mapToInt(ErrorReport::rows)
        .sum();
  }

  @Test
  void theOrderOfTheRowsDoesNotMatter() {
    List<MeasuredRow> rows = SHORT;
    List<MeasuredRow> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(4));
    assertThat(predicted(CrossValidation.heldOut(shuffled, 2)))
        .isEqualTo(predicted(CrossValidation.heldOut(rows, 2)));
  }

  @Test
  void aLaunchShapeThatIsLeftOutIsPredictedFromTheOthers() {
    List<ErrorReport> reports = CrossValidation.leaveOneShapeOut(HEAD_DIM_64);
    assertThat(reports).singleElement().extracting(ErrorReport::rows).isEqualTo(46);
    assertThat(reports.getFirst().mapePercent()).isLessThan(3);
  }

  @Test
  void aTableOfOneGpuAloneForesaysAnother() {
    List<MeasuredRow> rows = ofLargeTiles("h100");
    List<MeasuredRow> third =
        IntStream.range(0, rows.size()).filter(i -> i % 3 == 0).mapToObj(rows::get).toList();
    List<ErrorReport> reports =
        CrossValidation.transfer(
            new DeviceTableFitter("h100", 132).fit(third), ofLargeTiles("h200"));
    assertThat(reports).hasSize(2);
    assertThat(reports.getFirst().mapePercent()).isLessThan(4);
    assertThat(reports.getLast().mapePercent())
        .isLessThan(2.5)
        .isLessThanOrEqualTo(reports.getFirst().mapePercent());
  }

  private static List<MeasuredRow> ofLargeTiles(String gpu) {
    return Measurements.rows(gpu + "-flex-prefill").stream()
        .filter(row -> row.tile().tokens() == 128)
        .toList();
  }

  @Test
  void theShippedTablePutsLaunchesOfOneShapeInTheirMeasuredOrder() {
    Ranking ranking =
        CrossValidation.ranking(
            DeviceTable.resolve("h100-flex-attention"), Measurements.rows("h100-flex-prefill"));
    assertThat(ranking.medianTau()).isGreaterThan(0.96);
    assertThat(ranking.rightPercent()).isGreaterThan(99.5);
  }

  @Test
  void fewerThanTwoFoldsAreRefused() {
    assertThatThrownBy(() -> CrossValidation.heldOut(HEAD_DIM_64, 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("folds (1)");
  }

  @Test
  void aReportIsOfTheRelativeErrors() {
    MeasuredLaunch launch = MeasuredLaunch.ofBlockSparse(HEAD_DIM_64.getFirst());
    List<Prediction> predictions =
        IntStream.rangeClosed(1, 20)
            .mapToObj(
                i ->
                    new Prediction(
                        launch, launch.measuredMicros() * (1 + (i % 2 == 0 ? 0.01 : -0.01) * i)))
            .toList();
    ErrorReport report = CrossValidation.report("g", predictions);
    assertThat(report.rows()).isEqualTo(20);
    assertThat(report.mapePercent()).isCloseTo(10.5, within(1e-9));
    assertThat(report.biasPercent()).isCloseTo(0.5, within(1e-9));
    assertThat(report.p95Percent()).isCloseTo(19, within(1e-9));
  }
}
