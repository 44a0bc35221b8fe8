package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.ReportPage;
import io.sparseplan.report.text.CellPaint;
import io.sparseplan.report.text.ImportedReport;
import io.sparseplan.report.text.TerminalReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** A plan for a terminal, its map in colour where the terminal has colours. */
final class PlanText {
  /** Of the 256 colours of a terminal, from little to much, each darker than the one before. */
  private static final int[] BACKGROUNDS = {255, 194, 158, 115, 79, 36, 29, 23};

  private static final int FIRST_WITH_LIGHT_TEXT = 5;

  private PlanText() {}

  /**
   * Of a plan, or of a page, which also holds what was measured.
   *
   * @throws BadInputException if it is neither
   */
  static String of(Path file, Ansi ansi) {
    if (!Files.exists(file)) {
      throw new BadInputException(
          "There is no plan (%s) to show.".formatted(file),
          "check the path, or name schema, devices, runtimes, candidates, formats or heads.");
    }
    CellPaint paint =
        ansi.enabled() ? (cell, density) -> paint(ansi, cell, density) : CellPaint.NONE;
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".html")) {
      ReportData page = ReportPage.readData(file);
      return TerminalReport.of(page.plan(), page.view(), paint);
    }
    return HeadPlan.read(file) instanceof ImportedPlan imported
        ? ImportedReport.terminal(ImportedPlans.input(imported))
        : TerminalReport.of(ReportInput.of(Plan.read(file)), paint);
  }

  private static String paint(Ansi ansi, String cell, double density) {
    if (Double.isNaN(density)) {
      return cell;
    }
    int level = Math.min(BACKGROUNDS.length - 1, (int) (density * BACKGROUNDS.length));
    return ansi.string(
        "@|fg(%d),bg(%d) %s|@"
            .formatted(level < FIRST_WITH_LIGHT_TEXT ? 16 : 231, BACKGROUNDS[level], cell));
  }
}
