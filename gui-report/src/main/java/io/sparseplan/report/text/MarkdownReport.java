package io.sparseplan.report.text;

import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.view.Fact;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.Verdict;
import java.util.List;

/**
 * The report as a comment on a change: the figures of the page in the page's own words, without its
 * maps.
 */
public final class MarkdownReport {
  private MarkdownReport() {}

  /** The same input gives the same text. */
  public static String of(ReportInput input) {
    ReportView view = ReportData.of(input).view();
    var text = new Markdown();
    Verdict verdict = view.verdict();
    text.heading(2, "%s: %s".formatted(input.plan().model().name(), verdict.headline()));
    text.paragraph(verdict.sentence());
    text.table(VerdictTables.figures(verdict));
    text.paragraph(verdict.measuredOn());
    text.section("Limits of the goal");
    text.table(VerdictTables.limits(verdict));
    text.section("By length");
    text.table(verdict.byLength());
    text.section("Run warnings");
    text.list(view.warnings().isEmpty() ? List.of("none") : view.warnings());
    ReportPanels.append(view, text);
    text.section("Make it again");
    text.list(
        view.provenance().stream()
            .flatMap(group -> group.facts().stream())
            .filter(fact -> fact.form() == Fact.Form.COMMAND)
            .map(Fact::value)
            .toList());
    return text.toString();
  }
}
