package io.sparseplan.costmodel.fit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

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

  private record Weighted(double tileMicros, double weight) {}

  private static double medianTile(
      double[] makespanTiles, double[] measuredMicros, double launchMicros) {
    Weighted[] ascending =
        IntStream.range(0, measuredMicros.length)
            .mapToObj(
                i ->
                    new Weighted(
                        (measuredMicros[i] - launchMicros) / makespanTiles[i],
                        makespanTiles[i] / measuredMicros[i]))
            .sorted(Comparator.comparingDouble(Weighted::tileMicros))
            .toArray(Weighted[]::new);
    double half = Arrays.stream(ascending).mapToDouble(Weighted::weight).sum() / 2;
    double passed = 0;
    for (Weighted weighted : ascending) {
      passed += weighted.weight;
      if (passed >= half) {
        return weighted.tileMicros;
      }
    }
    throw new IllegalStateException("The weights of no launches have no median.");
  }
}
