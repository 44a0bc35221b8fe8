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

/**
 * The shipped tables beside two later measurements of the rows that they were fitted to, which no
 * fit saw.
 */
class MeasuredAgainTest {
  @ParameterizedTest
  @CsvSource({"h100, 1.35, 3.8", "h200, 1.1, 3.1"})
  void theTableIsAsCloseToTheMeanOfTheLaterMeasurementsAsStated(
      String gpu, double mostMeanPercent, double mostP95Percent) throws IOException {
    Measured measured = Measured.of(gpu);
    RelativeError error = apart(measured.predictedMillis(), measured.laterMillis());
    assertThat(error.meanPercent()).isLessThan(mostMeanPercent);
    assertThat(error.p95Percent()).isLessThan(mostP95Percent);
  }

  /** So a model that gave what the GPUs take later would be this far off the first measurement. */
  @ParameterizedTest
  @CsvSource({"h100, 0.75, 1.78", "h200, 0.75, 1.14"})
  void theLaterMeasurementsAreFurtherFromTheFirstThanFromEachOther(
      String gpu, double mostApartPercent, double leastFromFirstPercent) throws IOException {
    Measured measured = Measured.of(gpu);
    assertThat(apart(measured.secondMillis, measured.thirdMillis).meanPercent())
        .isLessThan(mostApartPercent);
    assertThat(apart(measured.laterMillis(), measured.firstMillis()).meanPercent())
        .isGreaterThan(leastFromFirstPercent);
  }

  @ParameterizedTest
  @CsvSource({"h100, 0.977, 0.971", "h200, 0.985, 0.971"})
  void theTableOrdersThemBetterThanTheyOrderTheFirst(
      String gpu, double leastTau, double mostTauOfTheFirst) throws IOException {
    Measured measured = Measured.of(gpu);
    assertThat(measured.medianTau(measured.predictedMillis(), measured.laterMillis()))
        .isGreaterThan(leastTau);
    assertThat(measured.medianTau(measured.laterMillis(), measured.firstMillis()))
        .isLessThan(mostTauOfTheFirst);
  }

  private static RelativeError apart(double[] millis, double[] fromMillis) {
    return RelativeError.of(
        IntStream.range(0, millis.length)
            .mapToDouble(i -> Math.abs(millis[i] / fromMillis[i] - 1))
            .toArray());
  }

  private record Measured(
      List<Prediction> predictions, double[] secondMillis, double[] thirdMillis) {
    static Measured of(String gpu) throws IOException {
      List<MeasuredRow> rows =
          Measurements.rows(gpu + "-flex-prefill").stream()
              .filter(row -> row.phase() == Phase.PREFILL)
              .toList();
      List<CSVRecord> again = again(gpu);
      assertThat(again).hasSameSizeAs(rows);
      for (int i = 0; i < rows.size(); i++) {
        assertThat(again.get(i).get("tiles")).isEqualTo(Long.toString(rows.get(i).tiles()));
        assertThat(Double.parseDouble(again.get(i).get("first_ms")))
            .isEqualTo(rows.get(i).medianMillis());
      }
      return new Measured(
          CrossValidation.predictions(DeviceTable.resolve(gpu + "-flex-attention"), rows),
          millis(again, "second_ms"),
          millis(again, "third_ms"));
    }

    private static double[] millis(List<CSVRecord> again, String column) {
      return again.stream().mapToDouble(row -> Double.parseDouble(row.get(column))).toArray();
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

    double[] predictedMillis() {
      return predictions.stream()
          .mapToDouble(prediction -> prediction.predictedMicros() / 1000)
          .toArray();
    }

    double[] firstMillis() {
      return predictions.stream()
          .mapToDouble(prediction -> prediction.launch().measuredMicros() / 1000)
          .toArray();
    }

    double[] laterMillis() {
      return IntStream.range(0, secondMillis.length)
          .mapToDouble(i -> (secondMillis[i] + thirdMillis[i]) / 2)
          .toArray();
    }

    /** Median over shapes of how these times order those. */
    double medianTau(double[] millis, double[] ofMillis) {
      return CrossValidation.ranking(
              IntStream.range(0, millis.length)
                  .mapToObj(
                      i -> {
                        MeasuredLaunch launch = predictions.get(i).launch();
                        return new Prediction(
                            new MeasuredLaunch(launch.row(), launch.tiles(), 1000 * ofMillis[i]),
                            1000 * millis[i]);
                      })
                  .toList())
          .medianTau();
    }
  }
}
