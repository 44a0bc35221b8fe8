package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Visibility;
import java.util.Arrays;

/**
 * The work of the thread blocks of one head, in launch order: one block for each query tile.
 *
 * @param visited key tiles that each block visits
 * @param partial those of them whose entries are not all visible, at most as many
 */
public record BlockTiles(int[] visited, int[] partial) {
  public BlockTiles {
    if (visited.length != partial.length) {
      throw new IllegalArgumentException(
          "There are %d blocks with visited tiles but %d with partial ones."
              .formatted(visited.length, partial.length));
    }
    for (int block = 0; block < visited.length; block++) {
      if (partial[block] < 0 || partial[block] > visited[block]) {
        throw new IllegalArgumentException(
            "Block %d has %d partial tiles of %d visited ones."
                .formatted(block, partial[block], visited[block]));
      }
    }
  }

  /** What a head visits. Partial are the tiles on the causal diagonal. */
  public static BlockTiles of(TileLists tiles) {
    boolean causal = tiles.grid().visibility() == Visibility.CAUSAL;
    int[] visited = new int[tiles.grid().tiles()];
    int[] partial = new int[visited.length];
    for (int queryTile = 0; queryTile < visited.length; queryTile++) {
      visited[queryTile] = tiles.count(queryTile);
      partial[queryTile] = causal && tiles.visits(queryTile, queryTile) ? 1 : 0;
    }
    return new BlockTiles(visited, partial);
  }

  /** Where each query tile visits its own key tile, which is partial where causal. */
  public static BlockTiles ofOwnTileAnd(int[] visited, Visibility visibility) {
    int[] partial = new int[visited.length];
    Arrays.fill(partial, visibility == Visibility.CAUSAL ? 1 : 0);
    return new BlockTiles(visited, partial);
  }

  /** The number of blocks. */
  public int count() {
    return visited.length;
  }
}
