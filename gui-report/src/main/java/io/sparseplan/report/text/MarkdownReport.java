package io.sparseplan.report.text;

import io.sparseplan.report.ReportData;
import io.sparseplan.report.ReportInput;
import io.sparseplan.report.view.Fact;
import io.sparseplan.report.view.RefinementTable;
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
    text.heading(3, "Limits of the goal");
    text.table(VerdictTables.limits(verdict));
    text.heading(3, "By length");
    text.table(verdict.byLength());
    text.heading(3, "Run warnings");
    text.list(view.warnings().isEmpty() ? List.of("none") : view.warnings());
    text.heading(3, "Where the time goes");
    text.paragraph(view.timesNote());
    if (view.times().isPresent()) {
      text.list(view.times().get().advice());
      text.table(view.times().get().byPart());
    }
    if (view.tradeOff().compared()) {
      text.heading(3, "What others would choose for the same goal");
      text.table(view.tradeOff().baselines());
      if (!view.tradeOff().withoutPlan().isEmpty()) {
        text.list(view.tradeOff().withoutPlan());
      }
    }
    if (view.calibration().isPresent()) {
      text.heading(3, "Calibration prompts");
      text.table(view.calibration().get().byLength());
    }
    RefinementTable.of(input.plan())
        .ifPresent(
            rounds -> {
              text.heading(3, "Refinement by measured loss");
              text.table(rounds);
            });
    text.heading(3, "Validity of the times");
    text.paragraph(view.validity().sentence());
    if (view.validity().rows().isPresent()) {
      text.table(view.validity().rows().get().errors());
    }
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
}
