package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The tiles that the heads of one layer visit on a prompt of some length, within its reach. */
record LayerTiles(TileGrid grid, AttentionReach reach, List<TileLists> heads) {
  /** Kernels index tiles with 32 bits, and a file of this many is no longer written for use. */
  private static final long MOST_TILES = 1L << 30;

  /** All layers of a plan, as it runs at the length. */
  static List<LayerTiles> of(HeadPlan plan, Tokens length) {
    TileGrid grid = plan.layout().grid(length);
    long cells = (long) grid.tiles() * grid.tiles() * plan.heads().size();
    if (cells > MOST_TILES) {
      throw new BadInputException(
          "At length %s the %d heads of the plan have %d tiles; an export has at most %d."
              .formatted(length, plan.heads().size(), cells, MOST_TILES),
          "give a shorter --length.");
    }
    List<List<PlannedHead>> layers = new HeadGrid(plan.at(length), "a kernel").layers();
    List<AttentionReach> reach = plan.model().reachOfLayers();
    return IntStream.range(0, layers.size())
        .mapToObj(layer -> of(layers.get(layer), grid, reach.get(layer)))
        .toList();
  }

  private static LayerTiles of(List<PlannedHead> heads, TileGrid grid, AttentionReach reach) {
    Map<Pattern, TileLists> listsOf = new HashMap<>();
    return new LayerTiles(
        grid,
        reach,
        heads.stream()
            .map(
                head ->
                    listsOf.computeIfAbsent(
                        head.prefill(),
                        pattern -> withinReach(FixedPattern.of(pattern), grid, reach)))
            .toList());
  }

  private static TileLists withinReach(FixedPattern pattern, TileGrid grid, AttentionReach reach) {
    return TileLists.of(
        grid,
        queryTile -> {
          int firstKey = reach.firstKey(grid.firstToken(queryTile));
          return IntStream.of(pattern.keyTiles(grid, queryTile))
              .filter(keyTile -> grid.endToken(keyTile) > firstKey)
              .toArray();
        });
  }

  /**
   * Whether some query of the tile may not see some key of the other, so that the kernel has to
   * mask: on the diagonal, at the edge of a sliding window, and at a ragged end of the keys that
   * others than its own tile see.
   */
  boolean isPartial(int queryTile, int keyTile) {
    boolean ragged =
        grid.endToken(keyTile) - grid.firstToken(keyTile) < grid.tile().tokens()
            || grid.endToken(queryTile) - grid.firstToken(queryTile) < grid.tile().tokens();
    boolean cutByReach = grid.firstToken(keyTile) < reach.firstKey(grid.endToken(queryTile) - 1);
    boolean diagonal = grid.visibility() == Visibility.CAUSAL && keyTile == queryTile;
    return ragged || cutByReach || diagonal;
  }

  /** What every query head of a KV head visits. */
  TileLists ofGroup(int kvHead, int groupSize) {
    return heads.get(kvHead * groupSize);
  }
}
