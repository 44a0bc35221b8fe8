package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadTiles;
import io.sparseplan.profiler.attention.LayerSums;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.attention.TileSelector;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the rules of selected patterns on the CPU, on sums that the GPU has taken, and where a rule
 * reads others, on a layer's rotated queries, keys and values. Attention itself stays on the GPU.
 */
final class HostSelection implements AutoCloseable {
  private final AttentionTiles tiles;
  private final RowKernels.Heads heads;
  private final PackedKeyValues keyValues;
  private final RotaryTable unrotated;
  private final GpuLayerSums sums;
  private final Workers workers;

  HostSelection(GpuSession gpu, AttentionTiles tiles, RowKernels.Heads heads, Workers workers) {
    AttentionShape shape = heads.shape();
    this.tiles = tiles;
    this.heads = heads;
    this.keyValues = new PackedKeyValues(shape, tiles.grid());
    this.unrotated = RotaryTable.none(shape.headDim());
    this.sums = GpuLayerSums.load(gpu, heads.padded(), tiles.grid().tile());
    this.workers = workers;
  }

  private static TokenRows tokens(TileGrid grid) {
    return new TokenRows(grid.length().count());
  }

  /**
   * The tiles of every head of a layer.
   *
   * @param ofLayer heads padded, and the layer's reach
   */
  List<HeadTiles> select(int layer, PrefillBuffers buffers, PrefillShape ofLayer) {
    AttentionShape shape = heads.shape();
    HeadRows rows = HeadRows.of(heads, workers);
    var q = new Activations(tokens(tiles.grid()), shape.queryWidth());
    var k = new Activations(tokens(tiles.grid()), shape.kvWidth());
    rows.download(buffers.queries(), 1 / heads.queryFactor(), q);
    var v = new Activations(tokens(tiles.grid()), shape.kvWidth());
    rows.download(buffers.keys(), 1, k);
    rows.download(buffers.values(), 1, v);
    keyValues.pack(k, v, unrotated, ofLayer.reach(), workers);
    LayerSums taken = sums.of(ofLayer, buffers);
    var selectors = new TileSelector[workers.count()];
    Arrays.setAll(selectors, worker -> new TileSelector(keyValues, unrotated, taken));
    var selected = new HeadTiles[shape.queryHeads().count()];
    workers.forEach(
        selected.length,
        (head, worker) -> {
          selectors[worker].load(q, head);
          selected[head] = tiles.of(layer, head, selectors[worker]);
        });
    return List.of(selected);
  }

  @Override
  public void close() {
    sums.close();
  }
}
