package io.sparseplan.report.text;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.view.Fact;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.Verdict;

/** The report for a terminal: the figures of the page in the page's own words, and its map. */
public final class TerminalReport {
  private TerminalReport() {}

  /**
   * Plain text but for what {@code paint} adds, each line ended.
   *
   * @param paint colours the map
   */
  public static String of(ReportInput input, CellPaint paint) {
    return of(input.plan(), ReportData.of(input).view(), paint);
  }

  /** Of what a page holds. */
  public static String of(Plan plan, ReportView view, CellPaint paint) {
    var text = new TerminalText();
    Verdict verdict = view.verdict();
    text.paragraph(plan.model().name() + ": " + verdict.headline());
    text.paragraph(verdict.sentence());
    text.table(VerdictTables.figures(verdict));
    text.gap();
    text.paragraph(verdict.measuredOn());
    if (!verdict.limits().isEmpty()) {
      text.table(VerdictTables.limits(verdict));
    }
    text.table(verdict.byLength());
    text.gap();
    var map = new HeadMap(plan, view);
    text.lines(map.text(paint) + map.key());
    if (!view.warnings().isEmpty()) {
      text.gap();
      view.warnings().forEach(warning -> text.paragraph("Warning  " + warning));
    }
    ReportPanels.append(view, text);
    text.gap();
    view.provenance().stream()
        .flatMap(group -> group.facts().stream())
        .filter(fact -> fact.form() == Fact.Form.COMMAND)
        .forEach(command -> text.paragraph("Made by  " + command.value()));
    return text.toString();
  }
}
