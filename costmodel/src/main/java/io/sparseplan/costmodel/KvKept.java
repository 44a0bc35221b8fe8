package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import java.util.BitSet;
import java.util.List;

/**
 * The keys of one KV head that the next token reads: what a cache must hold of it, as long as no
 * later token reads what this one does not.
 *
 * @param tiles of the grid, set where some query head of the group visits them
 */
record KvKept(TileGrid grid, BitSet tiles) {
  /**
   * @param heads what the query heads that share the KV head visit, on one grid
   */
  static KvKept of(List<TileLists> heads) {
    return of(heads.getFirst().grid(), heads);
  }

  /**
   * @param heads perhaps none
   */
  static KvKept of(TileGrid grid, List<TileLists> heads) {
    int lastRow = grid.tiles() - 1;
    var tiles = new BitSet();
    for (TileLists head : heads) {
      for (int nth = 0; nth < head.count(lastRow); nth++) {
        tiles.set(head.keyTile(lastRow, nth));
      }
    }
    return new KvKept(grid, tiles);
  }

  long tokens() {
    return tiles.stream().mapToLong(tile -> grid.endToken(tile) - grid.firstToken(tile)).sum();
  }

  /** Tiles of so many tokens that hold one of the keys. */
  int tilesOf(int tokensOfTile) {
    var covered = new BitSet();
    tiles.stream()
        .forEach(
            tile ->
                covered.set(
                    grid.firstToken(tile) / tokensOfTile,
                    (grid.endToken(tile) - 1) / tokensOfTile + 1));
    return covered.cardinality();
  }
}
