package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the queries of one head read after a rule laid its tokens out anew: the tiles of the new
 * order, as the tokens that they hold. Where the grid is causal, a query reads no key after it,
 * whatever a tile holds.
 *
 * @param reads no query reads a key twice
 * @param visited key tiles of the new order, for each query tile of the new order; one of tokens
 *     that are gathered counts as one
 */
public record PermutedTiles(TileGrid grid, List<Read> reads, int[] visited) {
  public PermutedTiles {
    reads = List.copyOf(reads);
    if (visited.length != grid.tiles()) {
      throw new IllegalArgumentException(
          "There are visited tiles of %d query tiles; the grid has %d."
              .formatted(visited.length, grid.tiles()));
    }
  }

  /**
   * Queries that read the same keys.
   *
   * @param queries tokens
   * @param keyTiles tokens, tile by tile
   * @param weight how often each of the keys counts: more than once where they stand for others
   */
  public record Read(int[] queries, List<int[]> keyTiles, double weight) {}

  /** The tokens in tiles of the grid's size. */
  static int[][] tiles(TileGrid grid, int[] order) {
    int size = grid.tile().tokens();
    return IntStream.range(0, grid.tile().tilesCovering(order.length))
        .mapToObj(
            tile ->
                Arrays.copyOfRange(order, tile * size, Math.min(order.length, (tile + 1) * size)))
        .toArray(int[][]::new);
  }
}
