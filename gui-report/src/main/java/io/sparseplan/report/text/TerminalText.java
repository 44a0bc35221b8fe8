package io.sparseplan.report.text;

import io.sparseplan.report.view.Table;
import java.util.List;
import java.util.Locale;

/** Plain text for a terminal: an empty line before each part, and each line ended. */
final class TerminalText implements ReportText {
  private final StringBuilder text = new StringBuilder();

  @Override
  public void section(String title) {
    gap();
    paragraph(title.toUpperCase(Locale.ROOT));
  }

  @Override
  public void paragraph(String words) {
    text.append(PlainText.line(words)).append('\n');
  }

  @Override
  public void list(List<String> items) {
    items.forEach(item -> paragraph("- " + item));
  }

  @Override
  public void table(Table table) {
    gap();
    text.append(PlainText.table(table));
  }

  @Override
  public int mostHeads() {
    return Integer.MAX_VALUE;
  }

  /** Lines that are finished. */
  void lines(String finished) {
    text.append(finished);
  }

  void gap() {
    if (!text.isEmpty()) {
      text.append('\n');
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
