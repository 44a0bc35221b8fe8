package io.sparseplan.cli;

import io.sparseplan.costmodel.Ranking;
import io.sparseplan.costmodel.fit.ErrorReport;
import io.sparseplan.costmodel.rows.DenseChoice;
import java.util.List;
import java.util.Locale;

/** How far predictions are off, as people read it. */
final class ErrorTable {
  private ErrorTable() {}

  /** One line a group; errors in percent of the measured time. */
  static String of(List<ErrorReport> reports) {
    int width =
        reports.stream().mapToInt(report -> report.group().length()).max().orElse("group".length());
    var text = new StringBuilder();
    line(text, width, "%5s %8s %8s %8s", "group", "rows", "mean %", "p95 %", "bias %");
    for (ErrorReport report : reports) {
      line(
          text,
          width,
          "%5d %8.2f %8.2f %+8.2f",
          report.group(),
          report.rows(),
          report.mapePercent(),
          report.p95Percent(),
          report.biasPercent());
    }
    return text.toString();
  }

  /**
   * What the predictions order wrongly; empty where no shape has enough rows of different times.
   */
  static String of(Ranking ranking) {
    if (ranking.pairs() == 0) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "Order within %d shapes of %d rows or more: Kendall's tau median %.4f, least %.4f;"
            + " %d of %d pairs more than %.0f %% apart ordered wrongly (%.2f %%).%n",
        ranking.shapes(),
        Ranking.LEAST_LAUNCHES,
        ranking.medianTau(),
        ranking.leastTau(),
        ranking.wrongPairs(),
        ranking.pairs(),
        100 * Ranking.APART,
        100 - ranking.rightPercent());
  }

  /** How often the faster of sparse and dense is chosen; empty where no row can tell. */
  static String of(DenseChoice choice) {
    return choice.pairs() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "Sparse or dense sdpa: %d of %d pairs more than %.0f %% apart chosen wrongly (%.2f %%).%n",
            choice.wrong(),
            choice.pairs(),
            100 * Ranking.APART,
            100 - choice.rightPercent());
  }

  private static void line(
      StringBuilder text, int width, String format, String group, Object... values) {
    text.append(String.format(Locale.ROOT, "%-" + width + "s ", group))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
