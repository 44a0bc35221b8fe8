package io.sparseplan.report.text;

import io.sparseplan.report.view.Table;
import java.util.ArrayList;
import java.util.List;

/** Tables for a terminal: columns as wide as their widest cell, two spaces between them. */
final class PlainText {
  private PlainText() {}

  static String table(Table table) {
    var rows = new ArrayList<List<String>>();
    rows.add(table.columns().stream().map(Table.Column::heading).toList());
    rows.addAll(
        table.rows().stream().map(row -> row.stream().map(PlainText::line).toList()).toList());
    var text = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(other -> width(other.get(at))).max().orElse(0);
        line.append(row.get(column)).append(" ".repeat(width - width(row.get(column)) + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** The text as one line that cannot move the cursor, change colours or turn other text around. */
  static String line(String text) {
    var line = new StringBuilder();
    text.codePoints()
        .forEach(character -> line.appendCodePoint(isControl(character) ? ' ' : character));
    return line.toString();
  }

  /** Line ends, escapes, and marks that set the direction of text. */
  static boolean isControl(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      case Character.FORMAT ->
          switch (Character.getDirectionality(character)) {
            case Character.DIRECTIONALITY_BOUNDARY_NEUTRAL -> false;
            default -> true;
          };
      default -> false;
    };
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
