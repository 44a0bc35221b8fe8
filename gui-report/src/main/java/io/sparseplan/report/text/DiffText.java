package io.sparseplan.report.text;

import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.report.view.NumberText;
import io.sparseplan.report.view.ShownDiff;
import io.sparseplan.report.view.Table;
import java.util.List;

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
    text.table(shown.counted());
    List<List<String>> heads = shown.heads().rows();
    int room = Math.min(heads.size(), text.mostHeads());
    if (!heads.isEmpty()) {
      text.table(new Table(shown.heads().columns(), heads.subList(0, room)));
    }
    if (room < heads.size()) {
      text.paragraph(
          "%s more heads change; the HTML report lists them all."
              .formatted(NumberText.count(heads.size() - room)));
    }
  }
}
