package io.sparseplan.report.text;

import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.report.view.ShownDiff;

/** What changed between two plans, for a terminal or for a comment on a change. */
public final class DiffText {
  private DiffText() {}

  /** Plain text, each line ended. */
  public static String plain(PlanDiff diff) {
    ShownDiff shown = ShownDiff.of(diff);
    var text = new StringBuilder();
    text.append(PlainText.line(shown.sentence())).append('\n');
    shown.notes().forEach(note -> text.append(PlainText.line(note)).append('\n'));
    text.append('\n').append(PlainText.table(shown.figures()));
    if (!shown.heads().rows().isEmpty()) {
      text.append('\n').append(PlainText.table(shown.heads()));
    }
    return text.toString();
  }

  /** Markdown. */
  public static String markdown(PlanDiff diff) {
    var text = new Markdown();
    append(ShownDiff.of(diff), text);
    return text.toString();
  }

  static void append(ShownDiff shown, Markdown text) {
    text.paragraph(shown.sentence());
    if (!shown.notes().isEmpty()) {
      text.list(shown.notes());
    }
    text.table(shown.figures());
    if (!shown.heads().rows().isEmpty()) {
      text.table(shown.heads());
    }
  }
}
