package io.sparseplan.report.text;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.view.Fact;
import io.sparseplan.report.view.RefinementTable;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.Verdict;

/** The report for a terminal: the figures of the page in the page's own words, and its map. */
public final class TerminalReport {
  private final StringBuilder text = new StringBuilder();

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
    var report = new TerminalReport();
    Verdict verdict = view.verdict();
    report.line(plan.model().name() + ": " + verdict.headline());
    report.line(verdict.sentence());
    report.line("");
    report.text.append(PlainText.table(VerdictTables.figures(verdict)));
    report.line("");
    report.line(verdict.measuredOn());
    if (!verdict.limits().isEmpty()) {
      report.line("");
      report.text.append(PlainText.table(VerdictTables.limits(verdict)));
    }
    report.line("");
    report.text.append(PlainText.table(verdict.byLength()));
    report.line("");
    var map = new HeadMap(plan, view);
    report.text.append(map.text(paint)).append(map.key());
    RefinementTable.of(plan)
        .ifPresent(
            rounds -> {
              report.line("");
              report.text.append(PlainText.table(rounds));
            });
    if (view.times().isPresent()) {
      report.line("");
      report.text.append(PlainText.table(view.times().get().byPart()));
      view.times().get().advice().forEach(report::line);
    }
    if (!view.warnings().isEmpty()) {
      report.line("");
      view.warnings().forEach(warning -> report.line("Warning  " + warning));
    }
    report.line("");
    view.provenance().stream()
        .flatMap(group -> group.facts().stream())
        .filter(fact -> fact.form() == Fact.Form.COMMAND)
        .forEach(command -> report.line("Made by  " + command.value()));
    return report.text.toString();
  }

  private void line(String words) {
    text.append(PlainText.line(words)).append('\n');
  }
}
