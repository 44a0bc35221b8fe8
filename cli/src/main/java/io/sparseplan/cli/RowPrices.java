package io.sparseplan.cli;

import io.sparseplan.costmodel.rows.DenseChoice;
import io.sparseplan.costmodel.rows.PricedRow;
import io.sparseplan.costmodel.rows.PricedStep;
import io.sparseplan.costmodel.rows.RowErrors;
import io.sparseplan.costmodel.rows.RowPrice;
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

  private final List<RowPrice> prices;
  private final String errors;

  /**
   * @param errors how far the predictions are off, as a table
   */
  private RowPrices(List<RowPrice> prices, String errors) {
    this.prices = prices;
    this.errors = errors;
  }

  /** Of launches of a block-sparse kernel. */
  static RowPrices of(List<PricedRow> rows) {
    return new RowPrices(
        rows.stream().map(RowPrices::price).toList(),
        ErrorTable.of(RowErrors.of(rows))
            + ErrorTable.of(RowRanking.of(rows))
            + ErrorTable.of(DenseChoice.of(rows)));
  }

  /** Of decode steps. */
  static RowPrices ofSteps(List<PricedStep> steps) {
    return new RowPrices(
        steps.stream()
            .map(
                step ->
                    new RowPrice(
                        step.row().line(),
                        step.predictedMillis(),
                        step.row().measuredMillis(),
                        step.outside().isEmpty(),
                        Optional.empty(),
                        Optional.empty(),
                        step.outside()))
            .toList(),
        ErrorTable.of(RowErrors.ofSteps(steps)));
  }

  /** An array in the order of the rows. */
  String json() {
    return JsonFile.pretty(prices) + "\n";
  }

  String csv() throws IOException {
    var text = new StringBuilder();
    var printer = new CSVPrinter(text, CSV);
    for (RowPrice price : prices) {
      printer.printRecord(
          price.line(),
          price.predictedMillis(),
          cell(price.measuredMillis()),
          price.inRange(),
          cell(price.sdpaPredictedMillis()),
          cell(price.sdpaMeasuredMillis()),
          String.join(" ", price.why()));
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
    for (RowPrice price : prices) {
      line(
          text,
          "%6d %14.5f %13s %9s  %s",
          price.line(),
          price.predictedMillis(),
          price.measuredMillis().map("%.5f"::formatted).orElse("-"),
          price
              .measuredMillis()
              .map(measured -> "%+.2f".formatted(100 * (price.predictedMillis() / measured - 1)))
              .orElse("-"),
          price.inRange() ? "in range" : "OUT: " + String.join(" ", price.why()));
    }
    if (prices.stream().anyMatch(price -> price.measuredMillis().isPresent())) {
      text.append('\n').append(errors);
    }
    return text.toString();
  }

  private static RowPrice price(PricedRow row) {
    return new RowPrice(
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
