package io.sparseplan.profiler.statistics;

import java.util.List;

/** Scores sets of key tiles for every query tile of every head of a layer, wherever that runs. */
@FunctionalInterface
interface UnitScorer {
  /**
   * @param setsOfHead of each head those of each query tile
   * @return {@code [head][queryTile]}
   */
  UnitSums[][] score(List<List<KeyTileSets>> setsOfHead);
}
