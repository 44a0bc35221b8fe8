package io.sparseplan.report.page;

import io.sparseplan.report.view.Verdict;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts the pieces of the page together. The template is HTML by itself; a comment marks each place
 * that is filled, and each is filled once, from the front, so that no piece is searched for marks.
 */
public final class PageTemplate {
  private PageTemplate() {}

  /**
   * @param json the text of the data block, escaped for a script element
   */
  public static String fill(Verdict verdict, List<String> warnings, String json) {
    List<String> scripts = PageParts.scripts();
    String style = PageParts.style();
    var page = new StringBuilder();
    String rest = PageParts.html();
    rest = fill(page, rest, "policy", ContentSecurityPolicy.of(scripts, style));
    rest = fill(page, rest, "style", "<style>" + style + "</style>");
    rest =
        fill(
            page,
            rest,
            "scripts",
            scripts.stream()
                .map(script -> "<script>" + script + "</script>")
                .collect(Collectors.joining("\n")));
    rest = fill(page, rest, "verdict", PlainVerdict.of(verdict, warnings));
    rest = fill(page, rest, "data", DataBlock.OPEN + json + DataBlock.CLOSE);
    return page.append(rest).toString();
  }

  private static String fill(StringBuilder page, String template, String name, String piece) {
    String mark = "<!--" + name + "-->";
    int at = template.indexOf(mark);
    if (at < 0) {
      throw new IllegalStateException("The template has no mark %s.".formatted(mark));
    }
    page.append(template, 0, at).append(piece);
    return template.substring(at + mark.length());
  }
}
