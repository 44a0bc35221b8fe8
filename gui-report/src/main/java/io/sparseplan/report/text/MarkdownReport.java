package io.sparseplan.report.text;

import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.view.Basis;
import io.sparseplan.report.view.Fact;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.Table;
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
    text.table(figures(verdict));
    text.paragraph(verdict.measuredOn());
    text.heading(3, "Limits of the goal");
    text.table(limits(verdict));
    text.heading(3, "By length");
    text.table(verdict.byLength());
    text.heading(3, "Run warnings");
    text.list(view.warnings().isEmpty() ? List.of("none") : view.warnings());
    if (view.diff().isPresent()) {
      text.heading(3, "Change against the baseline");
      DiffText.append(view.diff().get(), text);
    }
    text.heading(3, "Make it again");
    text.list(
        view.provenance().stream()
            .flatMap(group -> group.facts().stream())
            .filter(fact -> fact.form() == Fact.Form.COMMAND)
            .map(Fact::value)
            .toList());
    return text.toString();
  }

  private static Table figures(Verdict verdict) {
    return new Table(
        List.of(
            new Table.Column("figure", Basis.GIVEN),
            new Table.Column("value", Basis.GIVEN),
            new Table.Column("basis", Basis.GIVEN),
            new Table.Column("notes", Basis.GIVEN)),
        verdict.figures().stream()
            .map(
                figure ->
                    List.of(
                        figure.label(),
                        (figure.value() + " " + figure.unit()).strip(),
                        figure.basis().word(),
                        String.join("; ", figure.notes())))
            .toList());
  }

  private static Table limits(Verdict verdict) {
    return new Table(
        List.of(
            new Table.Column("limit", Basis.GIVEN),
            new Table.Column("expected", Basis.GIVEN),
            new Table.Column("found", Basis.GIVEN),
            new Table.Column("basis", Basis.GIVEN),
            new Table.Column("kept", Basis.GIVEN)),
        verdict.limits().stream()
            .map(
                limit ->
                    List.of(
                        limit.quantity(),
                        limit.expected(),
                        limit.found(),
                        limit.basis().word(),
                        limit.kept() ? "yes" : "no"))
            .toList());
  }
}
