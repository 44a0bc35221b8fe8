package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.pattern.DecodeStep;
import io.sparseplan.plans.pattern.PermutedPattern;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * Attention of one layer over the tiles that each head visits, within the layer's reach. Rules that
 * pick tiles run first, on the layer's queries and keys. Skipped tiles and tiles beyond the reach
 * cost nothing. Work is shared out by (head, query tile), the longest rows first; nothing of size N
 * × N exists.
 */
public final class BlockSparseAttention {
  private final AttentionTiles tiles;
  private final BitSet decodeRows;
  private final RotaryTable rotary;
  private final PackedKeyValues keyValues;
  private final QueryTile[] queryTiles;
  private final TileSelector[] selectors;
  private final Optional<DecodeRows> rowsOfTokens;

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
    this.selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(keyValues, rotary));
    this.rowsOfTokens =
        decodeRows.isEmpty() || tiles.decodePatterns().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new DecodeRows(tiles, DecodeStep.of(decodeRows), rotary, keyValues, workers));
  }

  /**
   * O = softmax(Q·Kᵀ ÷ √headDim)·V over the visited, visible keys. Layers run in their order, as
   * one may choose tokens for the ones after it. The log-sum-exp of rows that read tokens stays
   * that of their tiles.
   *
   * @param layer whose tile lists apply; the packed keys and values must be of that layer
   * @param q query projections before rotation, {@code [token][head · headDim]}
   * @param output written
   */
  public void run(int layer, Activations q, AttentionOutput output, Workers workers) {
    TileGrid grid = tiles.grid();
    int heads = keyValues.shape().queryHeads().count();
    var tilesOfHead = new HeadTiles[heads];
    workers.forEach(
        heads,
        (head, worker) -> {
          selectors[worker].load(q, head);
          tilesOfHead[head] =
              tiles
                  .permutation(layer, head)
                  .map(rule -> runPermuted(layer, head, rule, selectors[worker], output))
                  .orElseGet(() -> tiles.of(layer, head, selectors[worker]));
        });
    workers.forEach(
        heads * grid.tiles(),
        (unit, worker) -> {
          int queryTile = grid.tiles() - 1 - unit / heads;
          int head = unit % heads;
          HeadTiles lists = tilesOfHead[head];
          QueryTile rows = queryTiles[worker];
          boolean isPermuted = tiles.permutation(layer, head).isPresent();
          boolean isSame = lists.decode() == lists.prefill();
          if (!isPermuted) {
            rows.load(q, rotary, head, queryTile, token -> isSame || !decodeRows.get(token));
            attend(rows, lists.prefill(), queryTile, output);
          }
          if (!isSame) {
            rows.load(q, rotary, head, queryTile, decodeRows::get);
            attend(rows, lists.decode(), queryTile, output);
          }
        });
    rowsOfTokens.ifPresent(rows -> rows.run(layer, q, output, heads, workers));
  }

  /** Runs a head whose tokens are laid out anew; returns the tiles that are left to visit. */
  private HeadTiles runPermuted(
      int layer, int head, PermutedPattern rule, TileSelector selector, AttentionOutput output) {
    Optional<TileLists> decode = tiles.decodeBeside(layer, head, selector);
    PermutedAttention.of(selector.vectors(), selector.permute(rule), keyValues.reach())
        .store(head, token -> decode.isEmpty() || !decodeRows.get(token), output);
    TileLists none = TileLists.of(tiles.grid(), queryTile -> new int[0]);
    return new HeadTiles(none, decode.orElse(none));
  }

  private void attend(QueryTile rows, TileLists lists, int queryTile, AttentionOutput output) {
    for (int nth = 0; nth < lists.count(queryTile); nth++) {
      int keyTile = lists.keyTile(queryTile, nth);
      if (!keyValues.hides(keyTile, queryTile)) {
        rows.absorb(keyTile);
      }
    }
    rows.store(output);
  }
}
