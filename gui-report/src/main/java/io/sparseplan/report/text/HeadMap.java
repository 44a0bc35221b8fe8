package io.sparseplan.report.text;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.view.NumberText;
import io.sparseplan.report.view.ReportView;
import io.sparseplan.report.view.ShownCandidate;
import io.sparseplan.report.view.ShownHead;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The map of layers and heads in letters: one for the kind of pattern, and a digit for the density
 * in tenths, so that it reads without colours too.
 */
final class HeadMap {
  /** Wider maps have no room for the letter. */
  private static final int WIDEST_COLUMNS = 120;

  private static final int COLUMNS_OF_LAYER = 5;
  private static final String DENSE = "dense";
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  private final int headsOfLayer;
  private final List<ShownHead> heads;
  private final List<ShownCandidate> candidates;
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> kinds;

  HeadMap(Plan plan, ReportView view) {
    headsOfLayer = plan.model().attention().queryHeads().count();
    heads = view.heads();
    candidates = view.candidates();
    heads.forEach(head -> counts.merge(candidate(head).kind(), 1, Integer::sum));
    kinds = counts.keySet().stream().filter(kind -> !kind.equals(DENSE)).toList();
  }

  private ShownCandidate candidate(ShownHead head) {
    return candidates.get(head.chosen());
  }

  private boolean isNarrow() {
    return COLUMNS_OF_LAYER + 3 * headsOfLayer <= WIDEST_COLUMNS;
  }

  String text(CellPaint paint) {
    var text = new StringBuilder();
    for (int layer = 0; layer * headsOfLayer < heads.size(); layer++) {
      text.append(("L" + layer + " ".repeat(COLUMNS_OF_LAYER)).substring(0, COLUMNS_OF_LAYER));
      for (int head = 0; head < headsOfLayer; head++) {
        ShownCandidate candidate = candidate(heads.get(layer * headsOfLayer + head));
        text.append(paint.paint(cell(candidate), candidate.density().orElse(Double.NaN)));
        text.append(isNarrow() && head + 1 < headsOfLayer ? " " : "");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private String cell(ShownCandidate candidate) {
    return isNarrow() ? letter(candidate.kind()) + digit(candidate) : digit(candidate);
  }

  private String letter(String kind) {
    return kind.equals(DENSE) ? "D" : String.valueOf(LETTERS.charAt(kinds.indexOf(kind)));
  }

  /** The density in tenths, rounded down; a star for all tiles. */
  private static String digit(ShownCandidate candidate) {
    return candidate.density().isEmpty()
        ? "?"
        : candidate.density().getAsDouble() >= 1
            ? "*"
            : String.valueOf((int) (10 * candidate.density().getAsDouble()));
  }

  /** What letters and digits mean. */
  String key() {
    var text = new StringBuilder();
    for (Map.Entry<String, Integer> kind : counts.entrySet()) {
      text.append(isNarrow() ? letter(kind.getKey()) + " " : "")
          .append(kind.getKey().replace('_', ' '))
          .append(' ')
          .append(NumberText.count(kind.getValue()))
          .append(", ");
    }
    return text.append("digit: density in tenths, rounded down; * all tiles; ? not known")
        .append('\n')
        .toString();
  }
}
