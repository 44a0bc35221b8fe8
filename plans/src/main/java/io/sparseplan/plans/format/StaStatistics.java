package io.sparseplan.plans.format;

import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SlidingTile;
import io.sparseplan.plans.plan.StepPatterns;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a strategy of sliding tiles saves, as its own search counts it: tiles of a window ÷ tiles of
 * the video.
 *
 * @param overallSparsity share of tiles that are left out, over all steps
 * @param sparseFrom the first step in which any head is sparse; the number of steps if none is
 * @param sparsityFromThere share of tiles that are left out in that step and later
 * @param headsWithOneWindow share of heads that run one window in all of those steps
 */
public record StaStatistics(
    double overallSparsity, int sparseFrom, double sparsityFromThere, double headsWithOneWindow) {
  /** Those of a strategy. */
  public static StaStatistics of(VideoHeads heads) {
    int steps = heads.stepCount();
    int sparseFrom =
        IntStream.range(0, steps)
            .filter(
                step -> heads.steps().stream().anyMatch(head -> !head.at(step).equals(new Dense())))
            .findFirst()
            .orElse(steps);
    Extents full = StaStrategy.fullWindow(heads.video().extents());
    double kept = 0;
    double keptFromThere = 0;
    int withOneWindow = 0;
    for (StepPatterns head : heads.steps()) {
      for (int step = 0; step < steps; step++) {
        double share = share(head.at(step), full);
        kept += share;
        keptFromThere += step >= sparseFrom ? share : 0;
      }
      boolean one = IntStream.range(sparseFrom, steps).mapToObj(head::at).distinct().count() == 1;
      withOneWindow += one ? 1 : 0;
    }
    double all = heads.steps().size();
    return new StaStatistics(
        1 - kept / (all * steps),
        sparseFrom,
        sparseFrom == steps ? 0 : 1 - keptFromThere / (all * (steps - sparseFrom)),
        withOneWindow / all);
  }

  private static double share(Pattern pattern, Extents full) {
    return pattern instanceof SlidingTile(var tile, var window)
        ? (double) window.tiles().tokens() / full.tokens()
        : 1;
  }

  /** In a sentence. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "sparsity %.1f %% from step %d on, %.1f %% overall, %.0f %% of heads with one window",
        100 * sparsityFromThere,
        sparseFrom,
        100 * overallSparsity,
        100 * headsWithOneWindow);
  }
}
