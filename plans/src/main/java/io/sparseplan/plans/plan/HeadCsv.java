package io.sparseplan.plans.plan;

import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TriShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A plan's heads as a table for spreadsheets and scripts: RFC 4180, one row a head in layer-major
 * order. Parameters that a pattern does not have are empty.
 */
public final class HeadCsv {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader(
              "layer",
              "head",
              "phase",
              "kind",
              "sinkTokens",
              "alphaTokens",
              "beta",
              "lastTokens",
              "loss",
              "timeShare",
              "why")
          .get();

  private HeadCsv() {}

  /** Writes the table, a decode row after the prefill row of a head that has a decode pattern. */
  public static void write(Plan plan, Appendable out) throws IOException {
    var printer = new CSVPrinter(out, FORMAT);
    for (HeadDecision head : plan.heads()) {
      print(printer, head, "prefill", head.prefill());
      if (head.decode().isPresent()) {
        print(printer, head, "decode", head.decode().get());
      }
    }
    printer.flush();
  }

  private static void print(CSVPrinter printer, HeadDecision head, String phase, Pattern pattern)
      throws IOException {
    List<Object> parameters =
        switch (pattern) {
          case Dense() -> List.of("dense", "", "", "", "");
          case ElasticSpan(var sink, var alpha, double beta) ->
              List.of("elastic_span", sink.count(), alpha.count(), beta, "");
          case TriShape(var sink, var alpha, double beta, var last) ->
              List.of("tri_shape", sink.count(), alpha.count(), beta, last.count());
        };
    var row = new ArrayList<Object>();
    row.addAll(List.of(head.layer().value(), head.head().value(), phase));
    row.addAll(parameters);
    row.addAll(List.of(head.loss(), head.timeShare(), head.why()));
    printer.printRecord(row);
  }
}
