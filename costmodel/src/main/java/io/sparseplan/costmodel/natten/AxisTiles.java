package io.sparseplan.costmodel.natten;

import io.sparseplan.plans.geometry.NeighborhoodAxis;
import io.sparseplan.plans.geometry.Visibility;

/**
 * One axis cut into tiles of queries and tiles of keys, and how many key tiles a query tile visits.
 *
 * @param axis with its dilation
 */
public record AxisTiles(NeighborhoodAxis axis, QueryTile queryTile, KvTile kvTile) {
  /** Queries of one tile along the axis. */
  public record QueryTile(int queries) {
    public QueryTile {
      requirePositive("query tile", queries);
    }
  }

  /** Keys of one tile along the axis. */
  public record KvTile(int keys) {
    public KvTile {
      requirePositive("key tile", keys);
    }
  }

  /** Key tiles that dense attention visits along the axis. */
  public int denseVisits() {
    return Math.ceilDiv(axis.length().coordinates(), kvTile.keys);
  }

  /** The most key tiles that any query tile visits along the axis, in any dilation group. */
  public int worstVisits(KvTiling tiling) {
    int worst = 0;
    for (int group = 0; group < axis.dilation().coordinates(); group++) {
      NeighborhoodAxis undilated = axis.dilationGroup(group);
      int length = undilated.length().coordinates();
      for (int first = 0; first < length; first += queryTile.queries) {
        int last = Math.min(first + queryTile.queries, length) - 1;
        worst = Math.max(worst, visits(undilated, first, last, tiling));
      }
    }
    return worst;
  }

  /**
   * The key tiles that a query tile visits.
   *
   * @param undilated the axis, or one of its dilation groups
   * @param firstQuery of the tile
   * @param lastQuery of the tile
   */
  int visits(NeighborhoodAxis undilated, int firstQuery, int lastQuery, KvTiling tiling) {
    int firstKey = undilated.keysOf(firstQuery).first();
    int endKey = undilated.keysOf(lastQuery).end();
    return switch (tiling) {
      case STATIC -> Math.ceilDiv(endKey, kvTile.keys) - firstKey / kvTile.keys;
      case DYNAMIC -> Math.ceilDiv(endKey - firstKey, kvTile.keys);
    };
  }

  /**
   * Whether NATTEN takes the axis for fully block-sparse: with static tiles every visited tile is
   * seen whole by every query of the query tile, so that no tile needs a mask. The rule of its
   * {@code is_fully_block_sparse_int}. It says no to some shapes that are, and holds where the key
   * tile divides the stride, as it does for the tiles that NATTEN ships.
   */
  public boolean fullyBlockSparse() {
    return axis.visibility() == Visibility.BIDIRECTIONAL
        && axis.dilation().equals(NeighborhoodAxis.Dilation.NONE)
        && (axis.length().coordinates() == axis.window().keys() || windowsFallOnTiles());
  }

  private boolean windowsFallOnTiles() {
    int length = axis.length().coordinates();
    int window = axis.window().keys();
    int stride = axis.stride().queries();
    int keys = kvTile.keys;
    boolean groupsFallOnTiles = stride % queryTile.queries == 0 && window % keys == 0;
    int lastLeader = Math.min(length / stride * stride + stride / 2, length - 1);
    boolean lastGroup = length % stride == 0 || axis.centredStart(lastLeader) % keys == 0;
    boolean centred = (window / 2 - stride / 2) % keys == 0;
    boolean bothGroupsAtTheEnds =
        length % keys == 0
            && Math.ceilDiv(length, stride) == 2
            && stride + stride / 2 >= length - window;
    return groupsFallOnTiles && lastGroup && (centred || bothGroupsAtTheEnds);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("The %s (%d) must be positive.".formatted(name, value));
    }
  }
}
