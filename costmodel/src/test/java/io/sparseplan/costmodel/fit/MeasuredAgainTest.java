package io.sparseplan.costmodel.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.fit.CrossValidation.Prediction;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.costmodel.measured.Measurements;
import io.sparseplan.plans.plan.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped tables beside a second measurement of the rows that they were fitted to. */
class MeasuredAgainTest {
  @ParameterizedTest
  @CsvSource({"h100, 1.15, 3.7", "h200, 1.15, 3.7"})
  void theTableIsAsCloseToTheMeanOfBothMeasurementsAsStated(
      String gpu, double mostMeanPercent, double mostP95Percent) throws IOException {
    Both both = Both.of(gpu);
    RelativeError error = both.apart(both.predictedMillis, both.meanMillis());
    assertThat(error.meanPercent()).isLessThan(mostMeanPercent);
    assertThat(error.p95Percent()).isLessThan(mostP95Percent);
  }

  @ParameterizedTest
  @CsvSource({"h100, 1.45, 1.80", "h200, 1.35, 1.26"})
  void noFitSawTheSecondMeasurement(String gpu, double mostMeanPercent, double clockMeanPercent)
      throws IOException {
    Both both = Both.of(gpu);
    assertThat(both.apart(both.predictedMillis, both.secondMillis).meanPercent())
        .isLessThan(mostMeanPercent);
    assertThat(both.apart(both.secondMillis, both.firstMillis).meanPercent())
        .isGreaterThan(clockMeanPercent);
  }

  private record Both(double[] predictedMillis, double[] firstMillis, double[] secondMillis) {
    static Both of(String gpu) throws IOException {
      List<MeasuredRow> rows =
          Measurements.rows(gpu + "-flex-prefill").stream()
              .filter(row -> row.phase() == Phase.PREFILL)
              .toList();
      List<CSVRecord> again = again(gpu);
      assertThat(again).hasSameSizeAs(rows);
      for (int i = 0; i < rows.size(); i++) {
        assertThat(again.get(i).get("tiles")).isEqualTo(Long.toString(rows.get(i).tiles()));
        assertThat(Double.parseDouble(again.get(i).get("measured_before_ms")))
            .isEqualTo(rows.get(i).medianMillis());
      }
      List<Prediction> predictions =
          CrossValidation.predictions(DeviceTable.resolve(gpu + "-flex-attention"), rows);
      return new Both(
          predictions.stream()
              .mapToDouble(prediction -> prediction.predictedMicros() / 1000)
              .toArray(),
          rows.stream().mapToDouble(MeasuredRow::medianMillis).toArray(),
          again.stream().mapToDouble(row -> Double.parseDouble(row.get("median_ms"))).toArray());
    }

    private static List<CSVRecord> again(String gpu) throws IOException {
      String name = "/io/sparseplan/costmodel/measurements/" + gpu + "-flex-prefill-again.csv.gz";
      try (InputStream file = MeasuredAgainTest.class.getResourceAsStream(name);
          var reader =
              new InputStreamReader(new GZIPInputStream(file), StandardCharsets.US_ASCII)) {
        return CSVFormat.DEFAULT
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(reader)
            .getRecords();
      }
    }

    double[] meanMillis() {
      return IntStream.range(0, firstMillis.length)
          .mapToDouble(i -> (firstMillis[i] + secondMillis[i]) / 2)
          .toArray();
    }

    RelativeError apart(double[] millis, double[] fromMillis) {
      return RelativeError.of(
          IntStream.range(0, millis.length)
              .mapToDouble(i -> Math.abs(millis[i] / fromMillis[i] - 1))
              .toArray());
    }
  }
}
