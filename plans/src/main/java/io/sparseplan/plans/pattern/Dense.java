package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TokenLayout;
import java.util.stream.IntStream;

/** Every visible key: ordinary attention. Exact to the token. */
public record Dense() implements FixedPattern {
  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    return IntStream.rangeClosed(0, grid.lastVisibleKeyTile(queryTile)).toArray();
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  @Override
  public String label() {
    return "dense";
  }
}
