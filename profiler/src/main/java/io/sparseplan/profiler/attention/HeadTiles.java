package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileLists;

/**
 * The tiles that one head visits on one prompt.
 *
 * @param prefill for rows of the prompt
 * @param decode for rows of answer tokens: a row visits what the list of its query tile says
 */
public record HeadTiles(TileLists prefill, TileLists decode) {
  /** The same tiles in both phases. */
  public static HeadTiles both(TileLists tiles) {
    return new HeadTiles(tiles, tiles);
  }
}
