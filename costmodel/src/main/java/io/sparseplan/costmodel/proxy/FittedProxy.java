package io.sparseplan.costmodel.proxy;

import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.costmodel.rows.PricedRow;
import io.sparseplan.costmodel.rows.RowGroup;
import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A proxy with its constant: time = constant · work, one constant for each group of rows (GPU,
 * phase, head_dim, tile, visibility), fitted to the measured rows of that very group. So what is
 * wrong with its predictions is the proxy's own fault: no other constant does better.
 *
 * <p>The best constant has the smallest mean of |constant · work ÷ time − 1|: the median of time ÷
 * work, each weighted by work ÷ time.
 */
public final class FittedProxy {
  private final CostProxy proxy;
  private final Map<RowGroup, Double> constants;

  private FittedProxy(CostProxy proxy, Map<RowGroup, Double> constants) {
    this.proxy = proxy;
    this.constants = constants;
  }

  /** Fits the constants; rows without times are left out. */
  public static FittedProxy fit(CostProxy proxy, List<LaunchRow> rows) {
    return new FittedProxy(
        proxy,
        rows.stream()
            .filter(row -> row.measuredMillis().isPresent())
            .collect(
                Collectors.groupingBy(
                    RowGroup::of,
                    Collectors.collectingAndThen(
                        Collectors.toList(), group -> constant(proxy, group)))));
  }

  /**
   * @throws BadInputException if no row of its group was measured
   */
  public PricedRow price(LaunchRow row) {
    Double constant = constants.get(RowGroup.of(row));
    if (constant == null) {
      throw new BadInputException(
          "The row in line %d has no measured rows of its group (%s) to fit %s to."
              .formatted(row.line(), RowGroup.of(row).label(), proxy),
          "choose the model simulated, or give rows with median_ms.");
    }
    return new PricedRow(row, constant * proxy.work(row), Optional.empty(), List.of());
  }

  /** Prices rows in their order. */
  public List<PricedRow> price(List<LaunchRow> rows) {
    return rows.stream().map(this::price).toList();
  }

  private static double constant(CostProxy proxy, List<LaunchRow> rows) {
    record Point(double millisOfWork) {
      double weight() {
        return 1 / millisOfWork;
      }
    }
    var points = new ArrayList<Point>();
    for (LaunchRow row : rows) {
      points.add(new Point(row.measuredMillis().orElseThrow() / proxy.work(row)));
    }
    points.sort(Comparator.comparingDouble(Point::millisOfWork));
    double half = points.stream().mapToDouble(Point::weight).sum() / 2;
    double below = 0;
    for (Point point : points) {
      below += point.weight();
      if (below >= half) {
        return point.millisOfWork;
      }
    }
    return points.getLast().millisOfWork;
  }
}
