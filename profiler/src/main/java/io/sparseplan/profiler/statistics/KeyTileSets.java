package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileLists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The different sets of key tiles that the candidates visit from one query tile. Candidates that
 * visit the same there are scored once: windows that cover the prompt, tri-shapes before their last
 * rows, rules that pick the same.
 */
final class KeyTileSets {
  private static final int NONE = -1;

  private final int[] setOfCandidate;
  private final int[][] keyTiles;
  private final int ranSet;

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
   * Sets that are compared with all that the query tile sees.
   *
   * @param lists of each candidate
   */
  KeyTileSets(List<TileLists> lists, int queryTile) {
    int visibleTiles = lists.getFirst().grid().lastVisibleKeyTile(queryTile) + 1;
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
    ranSet = setOf(IntStream.range(0, visibleTiles).toArray());
  }

  private KeyTileSets(KeyTileSets same, int[] ran) {
    setOfCandidate = same.setOfCandidate;
    keyTiles = same.keyTiles;
    ranSet = setOf(ran);
  }

  /**
   * The same sets, compared with what the layer ran.
   *
   * @param ran what it ran there, perhaps none of the sets
   */
  KeyTileSets against(TileLists ran, int queryTile) {
    return new KeyTileSets(this, keyTiles(ran, queryTile));
  }

  private int setOf(int[] tiles) {
    for (int set = 0; set < keyTiles.length; set++) {
      if (Arrays.equals(keyTiles[set], tiles)) {
        return set;
      }
    }
    return NONE;
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

  /** Whether the set is what the layer ran: then nothing changes. */
  boolean isAsRan(int set) {
    return set == ranSet;
  }
}
