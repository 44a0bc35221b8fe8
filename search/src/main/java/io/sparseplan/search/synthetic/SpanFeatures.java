package io.sparseplan.search.synthetic;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.ElasticSpan;
import java.util.Arrays;

/**
 * What the logarithm of a head's loss is linear in: the window in tiles, as weights of the knots 1,
 * 2, 4, 8 and 16 tiles (linear between them in the logarithm, and beyond the last two), the
 * logarithm of the share of the last query's tiles that is dropped, and that of the sink in tiles.
 */
final class SpanFeatures {
  private static final double[] KNOTS = {0, 1, 2, 3, 4};

  /** How many features there are. */
  static final int COUNT = KNOTS.length + 2;

  private SpanFeatures() {}

  /** Whether the span drops any tile at this length; if not, it loses nothing. */
  static boolean dropsAny(ElasticSpan span, TileGrid grid) {
    return droppedTiles(span, grid) > 0;
  }

  /** The features of a span that drops some tile. */
  static double[] of(ElasticSpan span, TileGrid grid) {
    double[] features = new double[COUNT];
    double octave = log2(span.windowTiles(grid));
    int below = Math.clamp((int) octave, 0, KNOTS.length - 2);
    features[below + 1] = octave - KNOTS[below];
    features[below] = 1 - features[below + 1];
    features[KNOTS.length] = Math.log((double) droppedTiles(span, grid) / grid.tiles());
    features[KNOTS.length + 1] = log2(Math.max(1, span.sinkTiles(grid.tile())));
    return features;
  }

  /** Σ feature · coefficient. */
  static double dot(double[] features, double[] coefficients) {
    double sum = 0;
    for (int i = 0; i < features.length; i++) {
      sum += features[i] * coefficients[i];
    }
    return sum;
  }

  /** The mean of vectors of features or coefficients. */
  static double[] mean(double[][] vectors) {
    double[] mean = new double[vectors[0].length];
    for (double[] vector : vectors) {
      Arrays.setAll(mean, i -> mean[i] + vector[i] / vectors.length);
    }
    return mean;
  }

  private static int droppedTiles(ElasticSpan span, TileGrid grid) {
    return grid.tiles() - span.windowTiles(grid) - span.sinkTiles(grid.tile());
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }
}
