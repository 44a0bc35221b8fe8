package io.sparseplan.report.view;

import java.util.List;
import java.util.Optional;

/**
 * How far the cost model can be believed.
 *
 * @param sentence what the times rest on
 * @param fit the launches that the constants were fitted to and what is left over, in finished
 *     text; no rows where the device table is not known
 * @param rows launches that were priced and measured apart from the fit, where some were given
 */
public record ShownValidity(String sentence, Table fit, Optional<Rows> rows) {
  /**
   * Priced and measured launches.
   *
   * @param errors how far predictions are off, in finished text
   * @param points at most {@value #MOST_POINTS} of them, evenly chosen, by measured time
   * @param count of all
   */
  public record Rows(Table errors, List<Point> points, int count) {
    static final int MOST_POINTS = 1500;

    public Rows {
      points = List.copyOf(points);
    }
  }

  /** One launch. */
  public record Point(double measuredMillis, double predictedMillis, boolean inRange) {}
}
