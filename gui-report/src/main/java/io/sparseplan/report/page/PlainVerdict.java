package io.sparseplan.report.page;

import io.sparseplan.report.view.Figure;
import io.sparseplan.report.view.LimitCheck;
import io.sparseplan.report.view.Table;
import io.sparseplan.report.view.Verdict;
import java.util.List;

/** The verdict for a browser that runs no scripts. */
final class PlainVerdict {
  private final StringBuilder html = new StringBuilder();

  private PlainVerdict() {}

  static String of(Verdict verdict, List<String> warnings) {
    var plain = new PlainVerdict();
    plain.element("h1", verdict.headline());
    plain.element("p", verdict.sentence());
    plain.element("p", verdict.measuredOn());
    plain.html.append("<table>\n");
    for (Figure figure : verdict.figures()) {
      plain.row(
          "td",
          figure.label(),
          (figure.value() + " " + figure.unit()).strip(),
          figure.basis().word(),
          String.join("; ", figure.notes()));
    }
    plain.html.append("</table>\n");
    plain.element("h2", "Limits of the goal");
    plain.html.append("<table>\n");
    plain.row("th", "limit", "expected", "found", "all values, by length", "basis", "kept");
    for (LimitCheck limit : verdict.limits()) {
      plain.row(
          "td",
          limit.quantity(),
          limit.expected(),
          limit.found(),
          limit.all(),
          limit.basis().word(),
          limit.kept() ? "yes" : "no");
    }
    plain.html.append("</table>\n");
    plain.element("h2", "By length");
    plain.table(verdict.byLength());
    plain.element("h2", "Run warnings");
    if (warnings.isEmpty()) {
      plain.element("p", "none");
    }
    warnings.forEach(warning -> plain.element("p", warning));
    return plain.html.toString();
  }

  private void table(Table table) {
    html.append("<table>\n");
    row(
        "th",
        table.columns().stream()
            .map(column -> column.name() + " (" + column.basis().word() + ")")
            .toArray(String[]::new));
    table.rows().forEach(row -> row("td", row.toArray(String[]::new)));
    html.append("</table>\n");
  }

  private void row(String cell, String... texts) {
    html.append("<tr>");
    for (String text : texts) {
      html.append('<').append(cell).append('>').append(HtmlText.escape(text));
      html.append("</").append(cell).append('>');
    }
    html.append("</tr>\n");
  }

  private void element(String name, String text) {
    html.append('<').append(name).append('>').append(HtmlText.escape(text));
    html.append("</").append(name).append(">\n");
  }
}
