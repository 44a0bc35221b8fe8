package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TokenLayout;

/**
 * No key at all: the head's output is zero, as where Sparse-vDiT skips a head (arXiv 2506.03065).
 * Exact to the token.
 */
public record Skip() implements FixedPattern {
  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    return new int[0];
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  @Override
  public String label() {
    return "skip";
  }
}
