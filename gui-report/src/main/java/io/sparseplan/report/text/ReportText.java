package io.sparseplan.report.text;

import io.sparseplan.report.view.Table;
import java.util.List;

/** Where the parts of a report go, each as its format writes it. */
interface ReportText {
  void section(String title);

  void paragraph(String words);

  void list(List<String> items);

  void table(Table table);

  /** How many heads there is room for in a table of heads. */
  int mostHeads();
}
