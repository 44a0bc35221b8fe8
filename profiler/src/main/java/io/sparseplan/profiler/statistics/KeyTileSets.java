package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileLists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The different sets of key tiles that the candidates visit from one query tile. Candidates that
 * visit the same there are scored once: windows that cover the prompt, tri-shapes before their last
 * rows, rules that pick the same.
 */
final class KeyTileSets {
  private final int visibleTiles;
  private final int[] setOfCandidate;
  private final int[][] keyTiles;

  /** Compared by content. */
  private record Key(int[] keyTiles) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key(int[] others) && Arrays.equals(keyTiles, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(keyTiles);
    }
  }

  /**
   * @param lists of each candidate
   */
  KeyTileSets(List<TileLists> lists, int queryTile) {
    visibleTiles = lists.getFirst().grid().lastVisibleKeyTile(queryTile) + 1;
    setOfCandidate = new int[lists.size()];
    Map<Key, Integer> numbers = new HashMap<>();
    var distinct = new ArrayList<int[]>();
    for (int candidate = 0; candidate < setOfCandidate.length; candidate++) {
      int[] tiles = keyTiles(lists.get(candidate), queryTile);
      Integer known = numbers.putIfAbsent(new Key(tiles), distinct.size());
      if (known == null) {
        setOfCandidate[candidate] = distinct.size();
        distinct.add(tiles);
      } else {
        setOfCandidate[candidate] = known;
      }
    }
    keyTiles = distinct.toArray(int[][]::new);
  }

  private static int[] keyTiles(TileLists lists, int queryTile) {
    int[] tiles = new int[lists.count(queryTile)];
    Arrays.setAll(tiles, nth -> lists.keyTile(queryTile, nth));
    return tiles;
  }

  /** How many there are. */
  int count() {
    return keyTiles.length;
  }

  int setOf(int candidate) {
    return setOfCandidate[candidate];
  }

  /** The key tiles of a set, ascending; not to be changed. */
  int[] keyTiles(int set) {
    return keyTiles[set];
  }

  /** Whether the set is all that the query tile sees: then nothing is lost. */
  boolean isDense(int set) {
    return keyTiles[set].length == visibleTiles;
  }
}
