package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadTiles;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.attention.TileSelector;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the rules of selected patterns on the CPU, on a layer's rotated queries and keys from the
 * GPU. Rules read few of them or their means, and attention itself stays on the GPU.
 */
final class HostSelection {
  private final AttentionTiles tiles;
  private final RowKernels.Heads heads;
  private final PackedKeyValues keyValues;
  private final RotaryTable unrotated;
  private final Activations noValues;
  private final Workers workers;

  HostSelection(AttentionTiles tiles, RowKernels.Heads heads, Workers workers) {
    AttentionShape shape = heads.shape();
    this.tiles = tiles;
    this.heads = heads;
    this.keyValues = new PackedKeyValues(shape, tiles.grid());
    this.unrotated = RotaryTable.none(shape.headDim());
    this.noValues = new Activations(tokens(tiles.grid()), shape.kvWidth());
    this.workers = workers;
  }

  private static TokenRows tokens(TileGrid grid) {
    return new TokenRows(grid.length().count());
  }

  /** The tiles of every head of a layer. */
  List<HeadTiles> select(int layer, PrefillBuffers buffers, AttentionReach reach) {
    AttentionShape shape = heads.shape();
    Activations q =
        sideBySide(buffers.queries(), shape.queryHeads().count(), 1 / heads.queryFactor());
    Activations k = sideBySide(buffers.keys(), shape.kvHeads().count(), 1);
    keyValues.pack(k, noValues, unrotated, reach, workers);
    var selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(keyValues, unrotated));
    var selected = new HeadTiles[shape.queryHeads().count()];
    workers.forEach(
        selected.length,
        (head, worker) -> {
          selectors[worker].load(q, head);
          selected[head] = tiles.of(layer, head, selectors[worker]);
        });
    return List.of(selected);
  }

  /** From [heads][tokens][padded] of bf16 to {@code [token][head · headDim]}. */
  private Activations sideBySide(GpuBuffer buffer, int headCount, float factor) {
    int tokens = tiles.grid().length().count();
    int headDim = heads.shape().headDim().count();
    int padded = heads.padded().count();
    short[] values = new short[Math.multiplyExact(headCount * tokens, padded)];
    buffer.download(values);
    var rows = new Activations(new TokenRows(tokens), headCount * headDim);
    workers.forEach(
        headCount,
        (head, worker) -> {
          for (int token = 0; token < tokens; token++) {
            int from = (head * tokens + token) * padded;
            int to = rows.at(token) + head * headDim;
            for (int d = 0; d < headDim; d++) {
              rows.data()[to + d] = factor * Bf16.toFloat(values[from + d]);
            }
          }
        });
    return rows;
  }
}
