package io.sparseplan.costmodel.fit;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The launch and tile time with the smallest mean relative error, for launches whose makespan is
 * known in units of a tile.
 *
 * <p>Idea: |launch + tile · makespan − measured| ÷ measured is convex in both times. For a given
 * launch time the best tile time is a weighted median, of (measured − launch) ÷ makespan with the
 * weights makespan ÷ measured; what remains is convex in the launch time alone, so halving its
 * range by thirds finds the minimum.
 *
 * @param meanError mean |predicted − measured| ÷ measured
 */
record LaunchAndTile(double launchMicros, double tileMicros, double meanError) {
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
  private static final int SECTIONS = 24;

  /** Of the given launch time, or else of the best from zero to the shortest measured launch. */
  static LaunchAndTile fit(
      double[] makespanTiles, double[] measuredMicros, OptionalDouble launchMicros) {
    if (launchMicros.isPresent()) {
      return withLaunch(makespanTiles, measuredMicros, launchMicros.getAsDouble());
    }
    double low = 0;
    double high = Arrays.stream(measuredMicros).min().orElseThrow();
    LaunchAndTile left = withLaunch(makespanTiles, measuredMicros, high - GOLDEN * (high - low));
    LaunchAndTile right = withLaunch(makespanTiles, measuredMicros, low + GOLDEN * (high - low));
    for (int section = 0; section < SECTIONS; section++) {
      if (left.meanError <= right.meanError) {
        high = right.launchMicros;
        right = left;
        left = withLaunch(makespanTiles, measuredMicros, high - GOLDEN * (high - low));
      } else {
        low = left.launchMicros;
        left = right;
        right = withLaunch(makespanTiles, measuredMicros, low + GOLDEN * (high - low));
      }
    }
    return left.meanError <= right.meanError ? left : right;
  }

  private static LaunchAndTile withLaunch(
      double[] makespanTiles, double[] measuredMicros, double launchMicros) {
    double tile = Math.max(0, medianTile(makespanTiles, measuredMicros, launchMicros));
    double sum = 0;
    for (int i = 0; i < measuredMicros.length; i++) {
      sum += Math.abs((launchMicros + tile * makespanTiles[i]) / measuredMicros[i] - 1);
    }
    return new LaunchAndTile(launchMicros, tile, sum / measuredMicros.length);
  }

  /**
   * The smallest of the values that, with all smaller ones, have at least half of the weight; by
   * quickselect (Hoare, Comm. ACM 4, 1961).
   */
  private static double medianTile(
      double[] makespanTiles, double[] measuredMicros, double launchMicros) {
    int count = measuredMicros.length;
    double[] tiles = new double[count];
    double[] weights = new double[count];
    double half = 0;
    for (int i = 0; i < count; i++) {
      tiles[i] = (measuredMicros[i] - launchMicros) / makespanTiles[i];
      weights[i] = makespanTiles[i] / measuredMicros[i];
      half += weights[i] / 2;
    }
    int from = 0;
    int to = count;
    double passed = 0;
    while (to - from > 1) {
      double pivot = tiles[(from + to) >>> 1];
      int below = from;
      double weightBelow = 0;
      double weightAt = 0;
      int above = to;
      for (int i = from; i < above; ) {
        if (tiles[i] < pivot) {
          weightBelow += weights[i];
          swap(tiles, weights, i++, below++);
        } else if (tiles[i] > pivot) {
          swap(tiles, weights, i, --above);
        } else {
          weightAt += weights[i++];
        }
      }
      if (passed + weightBelow >= half && below > from) {
        to = below;
      } else if (passed + weightBelow + weightAt >= half || above == to) {
        return pivot;
      } else {
        passed += weightBelow + weightAt;
        from = above;
      }
    }
    return tiles[from];
  }

  private static void swap(double[] tiles, double[] weights, int one, int other) {
    double tile = tiles[one];
    tiles[one] = tiles[other];
    tiles[other] = tile;
    double weight = weights[one];
    weights[one] = weights[other];
    weights[other] = weight;
  }
}
