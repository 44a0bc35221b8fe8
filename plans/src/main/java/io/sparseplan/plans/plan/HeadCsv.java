package io.sparseplan.plans.plan;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.pattern.Pattern;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import tools.jackson.databind.JsonNode;

/**
 * A plan's heads as a table for spreadsheets and scripts: RFC 4180, one row a head in layer-major
 * order. {@code pattern} is the label, which tells patterns apart; parameters that a pattern does
 * not have are empty, and so are the loss and the time of a plan that was imported.
 */
public final class HeadCsv {
  /** Properties of patterns as in a plan's JSON. */
  private static final List<String> PARAMETERS =
      List.of("kind", "sinkTokens", "alphaTokens", "beta", "lastTokens");

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader(
              Stream.of(
                      List.of("layer", "head", "phase", "pattern"),
                      PARAMETERS,
                      List.of("loss", "timeShare", "why"))
                  .flatMap(List::stream)
                  .toArray(String[]::new))
          .get();

  private HeadCsv() {}

  /** Writes the table, a decode row after the prefill row of a head that has a decode pattern. */
  public static void write(HeadPlan plan, Appendable out) throws IOException {
    var printer = new CSVPrinter(out, FORMAT);
    for (PlannedHead head : plan.heads()) {
      print(printer, head, "prefill", head.prefill());
      if (head.decode().isPresent()) {
        print(printer, head, "decode", head.decode().get());
      }
    }
    printer.flush();
  }

  private static void print(CSVPrinter printer, PlannedHead head, String phase, Pattern pattern)
      throws IOException {
    var row = new ArrayList<Object>();
    row.addAll(List.of(head.layer().value(), head.head().value(), phase, pattern.label()));
    JsonNode properties = JsonFile.mapper().valueToTree(pattern);
    PARAMETERS.forEach(name -> row.add(properties.path(name).asString("")));
    switch (head) {
      case HeadDecision decision ->
          row.addAll(List.of(decision.loss(), decision.timeShare(), decision.why()));
      case ImportedHead imported -> row.addAll(List.of("", "", imported.why()));
    }
    printer.printRecord(row);
  }
}
