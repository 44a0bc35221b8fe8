package io.sparseplan.profiler.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order in which one query tile's sets of key tiles are added up: along chains of sets, each of
 * which holds the one before, so that a set costs no more than what it has beyond that one. Windows
 * of the same sinks are one chain.
 */
public final class SetProgram {
  /** An empty set. */
  private static final int EMPTY = -1;

  /** The sums are those of set n: TAKE − n. */
  private static final int TAKE = -2;

  private final int sets;
  private final int[] steps;

  private SetProgram(int sets, int[] steps) {
    this.sets = sets;
    this.steps = steps;
  }

  /** A chain so far. */
  private static final class Chain {
    private final List<Integer> sets = new ArrayList<>();
    private int[] last = new int[0];

    void add(int set, int[] tiles) {
      sets.add(set);
      last = tiles;
    }
  }

  /**
   * @param keyTiles of each set, ascending
   * @param wanted which of them are to be scored
   */
  public static SetProgram of(List<int[]> keyTiles, int[] wanted) {
    var chains = new ArrayList<Chain>();
    int[] bySize =
        IntStream.of(wanted)
            .boxed()
            .sorted(Comparator.comparingInt(set -> keyTiles.get(set).length))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int set : bySize) {
      int[] tiles = keyTiles.get(set);
      Chain chain =
          chains.stream()
              .filter(candidate -> holds(tiles, candidate.last))
              .max(Comparator.comparingInt(candidate -> candidate.last.length))
              .orElseGet(
                  () -> {
                    var opened = new Chain();
                    chains.add(opened);
                    return opened;
                  });
      chain.add(set, tiles);
    }
    IntStream.Builder steps = IntStream.builder();
    for (Chain chain : chains) {
      steps.add(EMPTY);
      int[] before = {};
      for (int set : chain.sets) {
        int[] tiles = keyTiles.get(set);
        for (int tile : tiles) {
          if (Arrays.binarySearch(before, tile) < 0) {
            steps.add(tile);
          }
        }
        steps.add(TAKE - set);
        before = tiles;
      }
    }
    return new SetProgram(keyTiles.size(), steps.build().toArray());
  }

  private static boolean holds(int[] tiles, int[] others) {
    return others.length <= tiles.length
        && Arrays.stream(others).allMatch(other -> Arrays.binarySearch(tiles, other) >= 0);
  }

  /** How many sets there are, wanted or not. */
  int sets() {
    return sets;
  }

  /** What the kernel does one after the other; see {@code set_scores.cu}. */
  int[] steps() {
    return steps;
  }
}
