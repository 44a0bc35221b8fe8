package io.sparseplan.search.synthetic;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What candidates lose in any head at one length: the head's curve of {@link SpanFeatures}, times a
 * deviation that depends on the window. No candidate loses more than one with part of its tiles.
 */
final class LossesAtLength {
  /** The output error of a head that outputs nothing. */
  private static final double MOST_LOSS = 1;

  /** A candidate that drops tiles. */
  private record Curve(int candidate, int sinkTiles, int windowTiles, double[] features) {
    boolean contains(Curve other) {
      return other.sinkTiles <= sinkTiles && other.windowTiles <= windowTiles;
    }
  }

  private final TileGrid grid;
  private final int candidates;
  private final List<Curve> curves = new ArrayList<>();
  private final List<int[]> partsOfCurve;

  /**
   * @throws IllegalArgumentException if a candidate is neither dense nor a span
   */
  LossesAtLength(TileGrid grid, List<Pattern> patterns) {
    this.grid = grid;
    this.candidates = patterns.size();
    for (int candidate = 0; candidate < candidates; candidate++) {
      switch (patterns.get(candidate)) {
        case Dense() -> {}
        case ElasticSpan span when !SpanFeatures.dropsAny(span, grid) -> {}
        case ElasticSpan span ->
            curves.add(
                new Curve(
                    candidate,
                    span.sinkTiles(grid.tile()),
                    span.windowTiles(grid),
                    SpanFeatures.of(span, grid)));
        case Pattern other ->
            throw new IllegalArgumentException(
                "The candidate (%s) is neither dense nor a span.".formatted(other.label()));
      }
    }
    partsOfCurve = curves.stream().map(this::partsOf).toList();
  }

  private int[] partsOf(Curve whole) {
    return IntStream.range(0, curves.size()).filter(at -> whole.contains(curves.get(at))).toArray();
  }

  /**
   * The loss of every candidate in one head.
   *
   * @param sigma standard deviation of the deviation from the curve, in natural logarithms
   */
  double[] ofHead(double[] coefficients, double sigma, SplittableRandom random) {
    double[] deviation = new double[grid.tiles() + 1];
    for (int windowTiles = 0; windowTiles < deviation.length; windowTiles++) {
      deviation[windowTiles] = sigma * random.nextGaussian();
    }
    double[] ofCurve = new double[curves.size()];
    for (int at = 0; at < ofCurve.length; at++) {
      Curve curve = curves.get(at);
      double logarithm = SpanFeatures.dot(curve.features(), coefficients);
      ofCurve[at] = Math.min(MOST_LOSS, Math.exp(logarithm + deviation[curve.windowTiles()]));
    }
    double[] losses = new double[candidates];
    for (int at = 0; at < ofCurve.length; at++) {
      double least = MOST_LOSS;
      for (int part : partsOfCurve.get(at)) {
        least = Math.min(least, ofCurve[part]);
      }
      losses[curves.get(at).candidate()] = least;
    }
    return losses;
  }
}
