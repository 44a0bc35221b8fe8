package io.sparseplan.report.page;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.view.ReportView;
import java.util.Optional;

/**
 * The data inside the page: one JSON object in a script element that no browser runs.
 *
 * <p>The plan stands in it as in its own file, line for line, so that the page can hand the file
 * back unchanged: its last line is the first that is a bare closing brace.
 */
public final class DataBlock {
  static final String OPEN = "<script type=\"application/json\" id=\"data\">";
  static final String CLOSE = "</script>";

  private DataBlock() {}

  /** The object's text. It holds no {@code <}, so nothing in it can end the element. */
  public static String json(Plan plan, Optional<Evaluation> evaluation, ReportView view) {
    return escape(
        "{\"plan\":"
            + JsonFile.pretty(plan)
            + ",\n\"evaluation\":"
            + JsonFile.mapper().writeValueAsString(evaluation)
            + ",\n\"view\":"
            + JsonFile.mapper().writeValueAsString(view)
            + "}");
  }

  /** The object's text in a page, empty where the page has none. */
  public static Optional<String> find(String html) {
    int open = html.indexOf(OPEN);
    if (open < 0) {
      return Optional.empty();
    }
    int close = html.indexOf(CLOSE, open);
    return close < 0 ? Optional.empty() : Optional.of(html.substring(open + OPEN.length(), close));
  }

  /** In JSON these stand only inside strings, where an escape means the same. */
  private static String escape(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }
}
