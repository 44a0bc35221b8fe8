package io.sparseplan.plans.profile;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Summaries of heads as a table for spreadsheets and scripts: RFC 4180, one row a head in
 * layer-major order. What was not measured is empty; channels are separated by spaces.
 */
public final class HeadSummaryCsv {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader(
              "layer",
              "head",
              "entropyBits",
              "sinkMass",
              "ownTileMass",
              "echo",
              "induction",
              "retrieval",
              "verticals",
              "slashes",
              "slashBlocks",
              "keptDensity",
              "keptAgreement",
              "antidiagonalRecall",
              "antidiagonalDensity",
              "antidiagonalThreshold",
              "channels")
          .get();

  private HeadSummaryCsv() {}

  /** Writes the table. */
  public static void write(List<HeadSummary> heads, Appendable out) throws IOException {
    var printer = new CSVPrinter(out, FORMAT);
    for (HeadSummary head : heads) {
      printer.print(head.id().layer().value());
      printer.print(head.id().head().value());
      printer.print(head.entropyBits());
      printer.print(head.sinkMass());
      printer.print(head.ownTileMass());
      printer.print(orEmpty(head.echo()));
      printer.print(orEmpty(head.induction()));
      print(printer, head.traits());
      printer.println();
    }
    printer.flush();
  }

  private static void print(CSVPrinter printer, Optional<TraitSummary> traits) throws IOException {
    printer.print(orEmpty(traits.flatMap(TraitSummary::retrieval)));
    printer.print(orEmpty(traits.map(TraitSummary::verticals)));
    printer.print(orEmpty(traits.map(TraitSummary::slashes)));
    printer.print(orEmpty(traits.map(TraitSummary::slashBlocks)));
    printer.print(orEmpty(traits.map(TraitSummary::keptDensity)));
    printer.print(orEmpty(traits.flatMap(TraitSummary::keptAgreement)));
    printer.print(orEmpty(traits.map(TraitSummary::antidiagonalRecall)));
    printer.print(orEmpty(traits.map(TraitSummary::antidiagonalDensity)));
    printer.print(orEmpty(traits.map(TraitSummary::antidiagonalThreshold)));
    printer.print(
        traits.stream()
            .flatMap(summary -> summary.channels().stream())
            .map(String::valueOf)
            .collect(Collectors.joining(" ")));
  }

  private static Object orEmpty(Optional<Double> value) {
    return value.isPresent() ? value.get() : "";
  }
}
