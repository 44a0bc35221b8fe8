package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.HeadTiles;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The attention of one prompt's layers on the GPU, over the tiles that each head visits. Rows that
 * run decode patterns are computed in a second launch, over the query tiles that hold such rows,
 * and take the place of what the first launch gave them.
 */
final class GpuAttention implements AutoCloseable {
  private final GpuSession gpu;
  private final BlockSparsePrefill kernel;
  private final RowKernels rows;
  private final PrefillShape shape;
  private final RowKernels.Heads heads;
  private final PrefillBuffers buffers;
  private final AttentionTiles tiles;
  private final BitSet decodeTiles;
  private final Optional<GpuBuffer> decodeRows;
  private final Workers workers;
  private Optional<HostSelection> selection = Optional.empty();
  private List<TileLists> uploaded = List.of();
  private Optional<GpuTileLists> onGpu = Optional.empty();

  /** The kernels, and the memory, that the prompt's layers share. */
  record Means(
      GpuSession gpu,
      BlockSparsePrefill kernel,
      RowKernels rows,
      PrefillBuffers buffers,
      Workers workers) {}

  /**
   * @param shape padded heads over the tiles' grid
   * @param heads of any layer: what they are padded from
   * @param decode tokens whose rows run the decode tiles
   */
  GpuAttention(
      Means means,
      PrefillShape shape,
      RowKernels.Heads heads,
      AttentionTiles tiles,
      BitSet decode) {
    this.gpu = means.gpu();
    this.kernel = means.kernel();
    this.rows = means.rows();
    this.buffers = means.buffers();
    this.workers = means.workers();
    this.shape = shape;
    this.heads = heads;
    this.tiles = tiles;
    this.decodeTiles = new BitSet();
    decode.stream().forEach(token -> decodeTiles.set(token / tiles.grid().tile().tokens()));
    this.decodeRows = decode.isEmpty() ? Optional.empty() : Optional.of(flags(decode));
  }

  private GpuBuffer flags(BitSet decode) {
    int[] flags =
        IntStream.range(0, tiles.grid().length().count())
            .map(token -> decode.get(token) ? 1 : 0)
            .toArray();
    GpuBuffer buffer = gpu.allocate("the decode rows", (long) Integer.BYTES * flags.length);
    buffer.upload(flags);
    return buffer;
  }

  /**
   * Queues the attention of a layer whose queries, keys and values are in the buffers.
   *
   * @param attended what the output projection reads, one row a token; written
   */
  void queue(int layer, AttentionReach reach, GpuRows attended) {
    List<HeadTiles> ofHeads = tilesOf(layer, reach);
    run(ofHeads.stream().map(HeadTiles::prefill).toList(), reach);
    rows.gather(buffers.output(), heads, Optional.empty(), attended);
    if (decodeRows.isPresent()
        && ofHeads.stream().anyMatch(head -> head.decode() != head.prefill())) {
      run(ofHeads.stream().map(head -> inDecodeTiles(head.decode())).toList(), reach);
      rows.gather(buffers.output(), heads, decodeRows, attended);
    }
  }

  private List<HeadTiles> tilesOf(int layer, AttentionReach reach) {
    int count = heads.shape().queryHeads().count();
    var listed = new ArrayList<HeadTiles>();
    for (int head = 0; head < count; head++) {
      tiles.listed(layer, head).ifPresent(listed::add);
    }
    if (listed.size() == count) {
      return listed;
    }
    if (selection.isEmpty()) {
      selection = Optional.of(new HostSelection(gpu, tiles, heads, workers));
    }
    return selection.get().select(layer, buffers, ofLayer(reach));
  }

  private TileLists inDecodeTiles(TileLists lists) {
    return TileLists.of(
        lists.grid(), queryTile -> decodeTiles.get(queryTile) ? row(lists, queryTile) : new int[0]);
  }

  private void run(List<TileLists> lists, AttentionReach reach) {
    List<TileLists> within = lists.stream().map(list -> within(list, reach)).toList();
    // Lists are the same objects in every layer where the pattern is the same.
    if (onGpu.isEmpty() || !within.equals(uploaded)) {
      onGpu.ifPresent(GpuTileLists::close);
      onGpu = Optional.of(GpuTileLists.upload(gpu, within));
      uploaded = within;
    }
    kernel.prepare(ofLayer(reach), buffers, onGpu.get()).queue();
  }

  private PrefillShape ofLayer(AttentionReach reach) {
    return new PrefillShape(shape.batch(), shape.attention(), shape.grid(), reach);
  }

  /** Without tiles that are hidden whole. */
  private static TileLists within(TileLists lists, AttentionReach reach) {
    return switch (reach) {
      case AttentionReach.Everything _ -> lists;
      case AttentionReach.SlidingWindow window -> {
        TileGrid grid = lists.grid();
        yield TileLists.of(
            grid,
            queryTile -> {
              int firstKey = window.firstKey(grid.firstToken(queryTile));
              return IntStream.of(row(lists, queryTile))
                  .filter(keyTile -> grid.endToken(keyTile) > firstKey)
                  .toArray();
            });
      }
    };
  }

  private static int[] row(TileLists lists, int queryTile) {
    return IntStream.range(0, lists.count(queryTile))
        .map(nth -> lists.keyTile(queryTile, nth))
        .toArray();
  }

  @Override
  public void close() {
    selection.ifPresent(HostSelection::close);
    onGpu.ifPresent(GpuTileLists::close);
    decodeRows.ifPresent(GpuBuffer::close);
  }
}
