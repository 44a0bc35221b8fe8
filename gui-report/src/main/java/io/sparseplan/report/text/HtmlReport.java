package io.sparseplan.report.text;

import io.sparseplan.report.page.StaticPage;
import io.sparseplan.report.view.Table;
import java.util.List;

/** A report as a page without scripts. */
final class HtmlReport implements ReportText {
  private final StaticPage page = new StaticPage();

  @Override
  public void section(String title) {
    page.section(title);
  }

  @Override
  public void paragraph(String words) {
    page.paragraph(words);
  }

  @Override
  public void list(List<String> items) {
    page.list(items);
  }

  /** The basis of a column stands after its name. */
  @Override
  public void table(Table table) {
    page.table(table.columns().stream().map(Table.Column::heading).toList(), table.rows());
  }

  @Override
  public int mostHeads() {
    return Integer.MAX_VALUE;
  }

  String html(String headline) {
    return page.html(headline);
  }
}
