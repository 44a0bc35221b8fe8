package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import java.util.Arrays;
import java.util.List;

/**
 * How many key tiles each query tile of one head visited on one prompt by each of the profile's
 * selected candidates: all that a cost model needs of them.
 *
 * @param counts unsigned, {@code [nth selected candidate · query tiles + query tile]}
 */
public record VisitedTiles(short[] counts) {
  /**
   * @param selected the tiles of each selected candidate, in the order of the candidates
   */
  public static VisitedTiles of(List<TileLists> selected) {
    int tiles = selected.isEmpty() ? 0 : selected.getFirst().grid().tiles();
    short[] counts = new short[Math.multiplyExact(selected.size(), tiles)];
    for (int at = 0; at < counts.length; at++) {
      counts[at] = (short) selected.get(at / tiles).count(at % tiles);
    }
    return new VisitedTiles(counts);
  }

  /**
   * @param selected how many tiles each query tile visited, by each selected candidate, in the
   *     order of the candidates
   */
  public static VisitedTiles ofCounts(List<int[]> selected) {
    int tiles = selected.isEmpty() ? 0 : selected.getFirst().length;
    short[] counts = new short[Math.multiplyExact(selected.size(), tiles)];
    for (int at = 0; at < counts.length; at++) {
      counts[at] = (short) selected.get(at / tiles)[at % tiles];
    }
    return new VisitedTiles(counts);
  }

  /** Those of some of the selected candidates. */
  VisitedTiles withCandidates(int[] nthSelected, TileGrid grid) {
    short[] kept = new short[nthSelected.length * grid.tiles()];
    for (int nth = 0; nth < nthSelected.length; nth++) {
      int from = nthSelected[nth] * grid.tiles();
      System.arraycopy(counts, from, kept, nth * grid.tiles(), grid.tiles());
    }
    return new VisitedTiles(kept);
  }

  /**
   * The counts of one candidate, by query tile.
   *
   * @param nthSelected its place among the selected candidates
   */
  public int[] of(TileGrid grid, int nthSelected) {
    int[] ofCandidate = new int[grid.tiles()];
    Arrays.setAll(
        ofCandidate,
        queryTile -> Short.toUnsignedInt(counts[nthSelected * grid.tiles() + queryTile]));
    return ofCandidate;
  }

  /**
   * @throws IllegalArgumentException if these are not of so many candidates on this grid
   */
  void requireFit(TileGrid grid, long selected) {
    if (counts.length != selected * grid.tiles()) {
      throw new IllegalArgumentException(
          "There are %d visited tile counts; %d candidates select theirs for %d query tiles."
              .formatted(counts.length, selected, grid.tiles()));
    }
    for (int at = 0; at < counts.length; at++) {
      int visible = grid.lastVisibleKeyTile(at % grid.tiles()) + 1;
      if (Short.toUnsignedInt(counts[at]) > visible) {
        throw new IllegalArgumentException(
            "Query tile %d visited %d key tiles; it sees %d."
                .formatted(at % grid.tiles(), Short.toUnsignedInt(counts[at]), visible));
      }
    }
  }
}
