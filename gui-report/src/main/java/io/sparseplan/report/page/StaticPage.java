package io.sparseplan.report.page;

import java.util.List;

/** A page without scripts: sections of paragraphs, lists and tables, in the report's style. */
public final class StaticPage {
  private final StringBuilder body = new StringBuilder();
  private boolean inSection;

  /** Begins a part of the page. */
  public void section(String title) {
    body.append(inSection ? "</section>\n" : "").append("<section class=\"panel\">\n");
    inSection = true;
    element("h2", title);
  }

  /** A paragraph. */
  public void paragraph(String words) {
    element("p", words);
  }

  /** A list of items. */
  public void list(List<String> items) {
    body.append("<ul>\n");
    items.forEach(item -> element("li", item));
    body.append("</ul>\n");
  }

  /**
   * @param columns names over the cells
   * @param rows as wide as there are columns
   */
  public void table(List<String> columns, List<List<String>> rows) {
    body.append("<div class=\"scroll\"><table>\n<thead>");
    row("th", columns);
    body.append("</thead>\n<tbody>\n");
    rows.forEach(row -> row("td", row));
    body.append("</tbody>\n</table></div>\n");
  }

  private void row(String cell, List<String> texts) {
    body.append("<tr>");
    for (String text : texts) {
      body.append('<').append(cell).append('>').append(HtmlText.escape(text));
      body.append("</").append(cell).append('>');
    }
    body.append("</tr>\n");
  }

  private void element(String name, String text) {
    body.append('<').append(name).append('>').append(HtmlText.escape(text));
    body.append("</").append(name).append(">\n");
  }

  /** The page, under a headline. */
  public String html(String headline) {
    String style = PageParts.style();
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="%s">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>Sparseplan report</title>
        <style>%s</style>
        </head>
        <body>
        <header class="top"><p class="brand">Sparseplan report</p></header>
        <main>
        <h1>%s</h1>
        %s%s</main>
        </body>
        </html>
        """
        .formatted(
            ContentSecurityPolicy.ofStyle(style),
            style,
            HtmlText.escape(headline),
            body,
            inSection ? "</section>\n" : "");
  }
}
