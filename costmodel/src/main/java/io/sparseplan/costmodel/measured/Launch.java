package io.sparseplan.costmodel.measured;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.plan.Phase;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One launch of a block-sparse kernel, measured or not.
 *
 * @param phase a prefill has as many queries as keys, a decode one
 * @param batch prompts in the launch
 * @param length keys of each prompt
 * @param heads the pattern of each query head
 */
public record Launch(
    Phase phase,
    int batch,
    AttentionShape attention,
    Tokens length,
    TileSize tile,
    Visibility visibility,
    List<MeasuredHead> heads) {
  /** Tiles of one prompt: a million tokens in tiles of 128. */
  public static final int MOST_TILES = 8192;

  /** Thread blocks of one launch: 64 prompts of a million tokens, 32 heads. */
  public static final long MOST_BLOCKS = 1 << 24;

  public Launch {
    heads = List.copyOf(heads);
    if (batch < 1) {
      throw new IllegalArgumentException("The batch (%d) must be positive.".formatted(batch));
    }
    if (length.count() < 1) {
      throw new IllegalArgumentException(
          "The kv_len (%d) must be positive.".formatted(length.count()));
    }
    int queryHeads = attention.queryHeads().count();
    if (heads.size() != queryHeads) {
      throw new IllegalArgumentException(
          "The row has patterns for %d heads but %d query heads."
              .formatted(heads.size(), queryHeads));
    }
    int tiles = tile.tilesCovering(length.count());
    if (tiles > MOST_TILES) {
      throw new IllegalArgumentException(
          "The kv_len (%d) has %d tiles of %d tokens; the most is %d."
              .formatted(length.count(), tiles, tile.tokens(), MOST_TILES));
    }
    long blocks = Math.multiplyFull(queryHeads, batch) * queryTiles(phase, tiles);
    if (blocks > MOST_BLOCKS || Math.multiplyFull(queryHeads, batch) > MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "The batch (%d), the q_heads (%d) and the kv_len (%d) make more than %d thread blocks."
              .formatted(batch, queryHeads, length.count(), MOST_BLOCKS));
    }
  }

  /** The tiles of one prompt. */
  public TileGrid grid() {
    return new TileGrid(length, tile, visibility);
  }

  /**
   * How many key tiles each thread block of a head visits.
   *
   * @return for each query head one number a query tile of a prefill, or the one number of a
   *     decode: PyTorch runs its prefill kernel on the one query, as the last query tile. Heads of
   *     equal patterns share an array
   */
  public List<int[]> visitedTiles() {
    TileGrid grid = grid();
    int first = grid.tiles() - queryTiles(phase, grid.tiles());
    Map<MeasuredHead, int[]> distinct = new HashMap<>();
    var keyTiles = new BitSet(grid.tiles());
    var visited = new ArrayList<int[]>();
    for (MeasuredHead head : heads) {
      visited.add(
          distinct.computeIfAbsent(
              head,
              pattern ->
                  IntStream.range(first, grid.tiles())
                      .map(
                          queryTile -> {
                            keyTiles.clear();
                            pattern.visit(grid, queryTile, keyTiles);
                            return keyTiles.cardinality();
                          })
                      .toArray()));
    }
    return List.copyOf(visited);
  }

  /** Key tiles that dense attention visits over all heads of one prompt. */
  public long denseTiles() {
    long ofHead =
        switch (phase) {
          case PREFILL -> grid().denseTiles();
          case DECODE -> grid().tiles();
        };
    return ofHead * heads.size();
  }

  private static int queryTiles(Phase phase, int tiles) {
    return switch (phase) {
      case PREFILL -> tiles;
      case DECODE -> 1;
    };
  }
}
