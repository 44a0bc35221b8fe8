package io.sparseplan.profiler.traits;

import io.sparseplan.plans.profile.KeptTiles;
import java.util.Arrays;

/** Takes, for each query tile, the heaviest key tiles until they hold the share of its weight. */
final class KeptTileSets {
  private KeptTileSets() {}

  /**
   * @param mass a head's weights by blocks, {@code [query tile][key tile]}
   */
  static KeptTiles of(double[][] mass) {
    double[][] bands = bands(mass, Math.min(mass.length, KeptTiles.MAX_SIDE));
    KeptTiles kept = KeptTiles.none(bands.length);
    for (int queryBand = 0; queryBand < bands.length; queryBand++) {
      double wanted = KeptTiles.MASS_SHARE * Arrays.stream(bands[queryBand]).sum();
      double held = 0;
      for (int keyBand : EstimateQuality.largestFirst(bands[queryBand])) {
        if (held >= wanted) {
          break;
        }
        held += bands[queryBand][keyBand];
        kept.keep(queryBand, keyBand);
      }
    }
    return kept;
  }

  private static double[][] bands(double[][] mass, int side) {
    double[][] bands = new double[side][];
    Arrays.setAll(bands, band -> new double[band + 1]);
    for (int queryTile = 0; queryTile < mass.length; queryTile++) {
      for (int keyTile = 0; keyTile < mass[queryTile].length; keyTile++) {
        bands[queryTile * side / mass.length][keyTile * side / mass.length] +=
            mass[queryTile][keyTile];
      }
    }
    return bands;
  }
}
