package io.sparseplan.report.browser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The rows of figures that a report shows, read from what it looks like in each format. */
final class FigureRows {
  /** What the page alone marks rows with. */
  private static final String LETTER = "^[A-Z] {2}";

  private FigureRows() {}

  /** Of the page's tables but those of single heads, and of its verdict's figures. */
  static Set<List<String>> ofPage(Chromium browser) {
    return rows(
        ((List<?>) browser.evaluate(SHOWN))
            .stream().map(row -> ((List<?>) row).stream().map(String.class::cast).toList()));
  }

  private static final String SHOWN =
      """
      const word = (cell) => cell.textContent.trim();
      const figures = [...document.querySelectorAll("#verdict .figure")].map((figure) => [
        figure.querySelector(".label").firstChild.textContent,
        word(figure.querySelector(".value")),
        word(figure.querySelector(".label .basis")),
        [...figure.querySelectorAll(".note")].map(word).join("; "),
      ]);
      const limits = [...document.querySelectorAll("#verdict .limits tbody tr")].map(({ cells }) => [
        word(cells[0]), word(cells[1]), cells[2].firstChild.textContent.trim(), word(cells[4]),
        word(cells[2].querySelector(".basis")), word(cells[3]) === "✓ kept" ? "yes" : "no",
      ]);
      const tables = [...document.querySelectorAll("#page table")]
        .filter((table) => !table.closest("#table, #head, .limits") && !table.matches(".limits"))
        .flatMap((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map(word)));
      return [...figures, ...limits, ...tables];
      """;

  static Set<List<String>> ofMarkdown(String markdown) {
    List<String> lines = markdown.lines().toList();
    return rows(
        IntStream.range(0, lines.size())
            .filter(at -> lines.get(at).startsWith("| "))
            .filter(at -> !lines.get(at + 1).startsWith("|---"))
            .mapToObj(lines::get)
            .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
            .map(cells -> Arrays.stream(cells).map(FigureRows::unescaped).toList()));
  }

  private static String unescaped(String cell) {
    return cell.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replaceAll("\\\\(.)", "$1");
  }

  /** Every line, as if it were a row. */
  static Set<List<String>> ofTerminal(String terminal) {
    return rows(terminal.lines().map(line -> Arrays.asList(line.split(" {2,}"))));
  }

  private static Set<List<String>> rows(Stream<List<String>> rows) {
    var found = new LinkedHashSet<List<String>>();
    rows.map(FigureRows::row).forEach(found::add);
    return found;
  }

  /** Without empty cells at its end, which a line of text cannot show. */
  private static List<String> row(List<String> cells) {
    var row =
        new ArrayList<>(cells.stream().map(cell -> cell.replaceFirst(LETTER, "").strip()).toList());
    while (!row.isEmpty() && row.getLast().isEmpty()) {
      row.removeLast();
    }
    return row;
  }
}
