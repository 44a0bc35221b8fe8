package io.sparseplan.report.text;

import io.sparseplan.report.view.Basis;
import io.sparseplan.report.view.Table;
import java.util.List;
import java.util.stream.Collectors;

/**
 * GitHub-flavoured Markdown, built from text that stays text: every character that could start
 * markup, or HTML, is escaped, so that a model's name shows as it is.
 */
final class Markdown implements ReportText {
  /** GitHub refuses a comment of more than 65,536 characters. */
  private static final int MOST_HEADS = 100;

  private static final String MARKUP = "\\`*_[]#|~";

  private final StringBuilder text = new StringBuilder();

  void heading(int level, String words) {
    text.append("#".repeat(level)).append(' ').append(escape(words)).append("\n\n");
  }

  @Override
  public void section(String title) {
    heading(3, title);
  }

  @Override
  public void paragraph(String words) {
    text.append(escape(words)).append("\n\n");
  }

  @Override
  public void list(List<String> items) {
    items.forEach(item -> text.append("- ").append(escape(item)).append('\n'));
    text.append('\n');
  }

  /** The basis of a column stands under its name. */
  @Override
  public void table(Table table) {
    row(
        table.columns().stream()
            .map(
                column ->
                    escape(column.name())
                        + (column.basis() == Basis.GIVEN
                            ? ""
                            : "<br>*" + escape(column.basis().word()) + "*"))
            .toList());
    text.append("|---".repeat(table.columns().size())).append("|\n");
    table.rows().forEach(row -> row(row.stream().map(Markdown::escape).toList()));
    text.append('\n');
  }

  @Override
  public int mostHeads() {
    return MOST_HEADS;
  }

  private void row(List<String> cells) {
    text.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
  }

  /** Control characters, line ends and what turns the direction of text, become spaces. */
  static String escape(String words) {
    var escaped = new StringBuilder();
    words
        .codePoints()
        .forEach(
            character -> {
              switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                default -> {
                  if (PlainText.isControl(character)) {
                    escaped.append(' ');
                  } else {
                    if (MARKUP.indexOf(character) >= 0) {
                      escaped.append('\\');
                    }
                    escaped.appendCodePoint(character);
                  }
                }
              }
            });
    return escaped.toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
