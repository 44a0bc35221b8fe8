package io.sparseplan.report.text;

import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.report.view.ShownDiff;

/** What changed between two plans, for a terminal or for a comment on a change. */
public final class DiffText {
  private DiffText() {}

  /** Plain text, each line ended. */
  public static String plain(PlanDiff diff) {
    var text = new TerminalText();
    append(ShownDiff.of(diff), text);
    return text.toString();
  }

  /** Markdown. */
  public static String markdown(PlanDiff diff) {
    var text = new Markdown();
    append(ShownDiff.of(diff), text);
    return text.toString();
  }

  static void append(ShownDiff shown, ReportText text) {
    text.paragraph(shown.sentence());
    shown.notes().forEach(text::paragraph);
    text.table(shown.figures());
    if (!shown.heads().rows().isEmpty()) {
      text.table(shown.heads());
    }
  }
}
