package io.sparseplan.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.costmodel.rows.DenseChoice;
import io.sparseplan.costmodel.rows.PricedRow;
import io.sparseplan.costmodel.rows.RowErrors;
import io.sparseplan.costmodel.rows.RowRanking;
import io.sparseplan.plans.file.JsonFile;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Priced launches as people and programs read them. */
final class RowPrices {
  private static final CSVFormat CSV =
      CSVFormat.RFC4180
          .builder()
          .setHeader(
              "line",
              "predicted_ms",
              "measured_ms",
              "in_range",
              "sdpa_predicted_ms",
              "sdpa_measured_ms",
              "why")
          .get();

  /**
   * One element of the JSON array.
   *
   * @param line of the rows file, from 1
   * @param why it is not in range; nothing where it is
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  private record Price(
      int line,
      @JsonProperty("predicted_ms") double predictedMillis,
      @JsonProperty("measured_ms") Optional<Double> measuredMillis,
      @JsonProperty("in_range") boolean inRange,
      @JsonProperty("sdpa_predicted_ms") Optional<Double> sdpaPredictedMillis,
      @JsonProperty("sdpa_measured_ms") Optional<Double> sdpaMeasuredMillis,
      List<String> why) {}

  private final List<PricedRow> rows;

  RowPrices(List<PricedRow> rows) {
    this.rows = rows;
  }

  /** An array in the order of the rows. */
  String json() {
    return JsonFile.pretty(rows.stream().map(RowPrices::price).toList()) + "\n";
  }

  String csv() throws IOException {
    var text = new StringBuilder();
    var printer = new CSVPrinter(text, CSV);
    for (PricedRow row : rows) {
      Price price = price(row);
      printer.printRecord(
          price.line,
          price.predictedMillis,
          cell(price.measuredMillis),
          price.inRange,
          cell(price.sdpaPredictedMillis),
          cell(price.sdpaMeasuredMillis),
          String.join(" ", price.why));
    }
    printer.flush();
    return text.toString();
  }

  /**
   * @param by whose predictions these are
   */
  String table(String by) {
    var text = new StringBuilder();
    text.append("Predicted by ").append(by).append('\n');
    line(text, "%6s %14s %13s %9s  %s", "line", "predicted ms", "measured ms", "error %", "range");
    for (PricedRow row : rows) {
      line(
          text,
          "%6d %14.5f %13s %9s  %s",
          row.row().line(),
          row.predictedMillis(),
          row.row().measuredMillis().map("%.5f"::formatted).orElse("-"),
          row.relativeError().map(error -> "%+.2f".formatted(100 * error)).orElse("-"),
          row.inRange() ? "in range" : "OUT: " + String.join(" ", row.outside()));
    }
    if (rows.stream().anyMatch(row -> row.row().measuredMillis().isPresent())) {
      text.append('\n').append(ErrorTable.of(RowErrors.of(rows)));
      text.append(ErrorTable.of(RowRanking.of(rows)));
      text.append(ErrorTable.of(DenseChoice.of(rows)));
    }
    return text.toString();
  }

  private static Price price(PricedRow row) {
    return new Price(
        row.row().line(),
        row.predictedMillis(),
        row.row().measuredMillis(),
        row.inRange(),
        row.sdpaPredictedMillis(),
        row.row().sdpaMillis(),
        row.outside());
  }

  private static String cell(Optional<Double> millis) {
    return millis.map(String::valueOf).orElse("");
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
