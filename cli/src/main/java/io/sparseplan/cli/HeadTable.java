package io.sparseplan.cli;

import io.sparseplan.plans.profile.HeadSummary;
import io.sparseplan.plans.profile.TraitSummary;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What kind of head each is, as people read it; a dash is what was not measured. */
final class HeadTable {
  private static final int CHANNELS_SHOWN = 4;

  private final StringBuilder text = new StringBuilder();

  private HeadTable() {}

  static String of(List<HeadSummary> heads) {
    var table = new HeadTable();
    table.line(
        "",
        "entropy",
        "mass on",
        "mass on",
        "",
        "",
        "",
        "vertic-",
        "",
        "slash",
        "tiles kept",
        "",
        "antidiagonal",
        "",
        "",
        "");
    table.line(
        "head",
        "bits",
        "sink",
        "own tile",
        "echo",
        "induct.",
        "retr.",
        "als",
        "slashes",
        "blocks",
        "density",
        "agree",
        "recall",
        "dens.",
        "τ",
        "channels");
    for (HeadSummary head : heads) {
      Optional<TraitSummary> traits = head.traits();
      table.line(
          head.id().toString(),
          number("%.2f", head.entropyBits()),
          number("%.3f", head.sinkMass()),
          number("%.3f", head.ownTileMass()),
          number("%.3f", head.echo()),
          number("%.3f", head.induction()),
          number("%.3f", traits.flatMap(TraitSummary::retrieval)),
          number("%.0f", traits.map(TraitSummary::verticals)),
          number("%.0f", traits.map(TraitSummary::slashes)),
          number("%.1f", traits.map(TraitSummary::slashBlocks)),
          number("%.3f", traits.map(TraitSummary::keptDensity)),
          number("%.3f", traits.flatMap(TraitSummary::keptAgreement)),
          number("%.3f", traits.map(TraitSummary::antidiagonalRecall)),
          number("%.3f", traits.map(TraitSummary::antidiagonalDensity)),
          number("%.3f", traits.map(TraitSummary::antidiagonalThreshold)),
          traits.map(HeadTable::channels).orElse("-"));
    }
    return table.text.toString();
  }

  private static String channels(TraitSummary traits) {
    return traits.channels().stream()
        .limit(CHANNELS_SHOWN)
        .map(String::valueOf)
        .collect(Collectors.joining(" "));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String number(String format, Optional<Double> value) {
    return value.map(present -> number(format, (double) present)).orElse("-");
  }

  private void line(Object... cells) {
    text.append(
            String.format(
                    Locale.ROOT,
                    "%-8s %7s %7s %8s %5s %7s %5s %7s %7s %6s %10s %5s %12s %5s %5s  %s",
                    cells)
                .stripTrailing())
        .append('\n');
  }
}
