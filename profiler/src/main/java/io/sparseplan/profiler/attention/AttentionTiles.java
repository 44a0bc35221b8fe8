package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tiles that every head of the model visits on one prompt, in layer-major order. */
public final class AttentionTiles {
  private final TileGrid grid;
  private final int queryHeads;
  private final boolean sameInEveryLayer;
  private final List<HeadTiles> heads;

  private AttentionTiles(
      TileGrid grid, int queryHeads, boolean sameInEveryLayer, List<HeadTiles> heads) {
    this.grid = grid;
    this.queryHeads = queryHeads;
    this.sameInEveryLayer = sameInEveryLayer;
    this.heads = heads;
  }

  /** Every head dense. */
  public static AttentionTiles dense(TileGrid grid) {
    return uniform(HeadTiles.both(new Dense().on(grid)));
  }

  /** Every head the same. */
  public static AttentionTiles uniform(HeadTiles tiles) {
    return everyLayer(List.of(tiles));
  }

  /** Every layer the same: the tiles of its heads in order, or of one for all of them. */
  public static AttentionTiles everyLayer(List<HeadTiles> headsOfLayer) {
    return new AttentionTiles(
        headsOfLayer.getFirst().prefill().grid(), headsOfLayer.size(), true, headsOfLayer);
  }

  /** What a plan says; the grid's tile must be the plan's. */
  public static AttentionTiles of(Plan plan, TileGrid grid) {
    if (!plan.layout().tile().equals(grid.tile())) {
      throw new IllegalArgumentException(
          "The tile (%s) must be the plan's (%s).".formatted(grid.tile(), plan.layout().tile()));
    }
    Map<Pattern, TileLists> listsOf = new HashMap<>();
    var heads = new ArrayList<HeadTiles>();
    for (HeadDecision decision : plan.heads()) {
      heads.add(
          new HeadTiles(
              listsOf.computeIfAbsent(
                  decision.prefill(), pattern -> FixedPattern.of(pattern).on(grid)),
              listsOf.computeIfAbsent(
                  decision.decodeOrPrefill(), pattern -> FixedPattern.of(pattern).on(grid))));
    }
    return new AttentionTiles(grid, plan.model().attention().queryHeads().count(), false, heads);
  }

  public TileGrid grid() {
    return grid;
  }

  HeadTiles of(int layer, int head) {
    int ofLayer = sameInEveryLayer ? 0 : layer * queryHeads;
    return heads.get(ofLayer + (queryHeads == 1 ? 0 : head));
  }
}
