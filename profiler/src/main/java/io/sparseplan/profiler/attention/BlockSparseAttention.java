package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import java.util.BitSet;

/**
 * Causal attention of one layer over the tiles that each head visits. Skipped tiles cost nothing.
 * Work is shared out by (head, query tile), the longest rows first; nothing of size N × N exists.
 */
public final class BlockSparseAttention {
  private final AttentionTiles tiles;
  private final BitSet decodeRows;
  private final RotaryTable rotary;
  private final PackedKeyValues keyValues;
  private final QueryTile[] queryTiles;

  /**
   * @param decodeRows tokens whose rows run the decode pattern
   */
  public BlockSparseAttention(
      AttentionTiles tiles,
      BitSet decodeRows,
      RotaryTable rotary,
      PackedKeyValues keyValues,
      Workers workers) {
    this.tiles = tiles;
    this.decodeRows = decodeRows;
    this.rotary = rotary;
    this.keyValues = keyValues;
    this.queryTiles = new QueryTile[workers.count()];
    for (int worker = 0; worker < queryTiles.length; worker++) {
      queryTiles[worker] = new QueryTile(keyValues);
    }
  }

  /**
   * O = softmax(Q·Kᵀ ÷ √headDim)·V over the visited, visible keys.
   *
   * @param layer whose tile lists apply; the packed keys and values must be of that layer
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param o written, likewise {@code [token][head · headDim]}
   */
  public void run(int layer, Activations q, Activations o, Workers workers) {
    TileGrid grid = tiles.grid();
    int heads = keyValues.shape().queryHeads().count();
    workers.forEach(
        heads * grid.tiles(),
        (unit, worker) -> {
          int queryTile = grid.tiles() - 1 - unit / heads;
          int head = unit % heads;
          HeadTiles lists = tiles.of(layer, head);
          QueryTile rows = queryTiles[worker];
          if (lists.decode() == lists.prefill()) {
            rows.load(q, rotary, head, queryTile, token -> true);
            attend(rows, lists.prefill(), queryTile, o);
          } else {
            rows.load(q, rotary, head, queryTile, token -> !decodeRows.get(token));
            attend(rows, lists.prefill(), queryTile, o);
            rows.load(q, rotary, head, queryTile, decodeRows::get);
            attend(rows, lists.decode(), queryTile, o);
          }
        });
  }

  private static void attend(QueryTile rows, TileLists lists, int queryTile, Activations o) {
    for (int nth = 0; nth < lists.count(queryTile); nth++) {
      rows.absorb(lists.keyTile(queryTile, nth));
    }
    rows.store(o);
  }
}
