package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import jcuda.Pointer;

/** {@code block_sparse_prefill_hopper.cu}: runs on Hopper alone, and faster. */
final class HopperPrefill implements BlockSparsePrefill {
  private static final String ENTRY = "block_sparse_prefill_hopper";
  private static final int GROUP_ROWS = 64;
  private static final int WARPGROUP = 128;

  /** Queries, and two stages of keys and of values. */
  private static final int TILES_IN_SHARED = 5;

  private static final int BARRIERS_BYTES = 128;

  private final Compiled compiled;
  private final KernelModule module;
  private final Kernel kernel;

  private HopperPrefill(Compiled compiled, KernelModule module) {
    this.compiled = compiled;
    this.module = module;
    this.kernel = module.kernel(ENTRY, TILES_IN_SHARED * compiled.tileBytes() + BARRIERS_BYTES);
  }

  static HopperPrefill load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    var compiled = new Compiled(headDim, tile);
    return new HopperPrefill(compiled, gpu.load(compiled.image(gpu, ENTRY)));
  }

  @Override
  public PreparedLaunch prepare(PrefillShape shape, PrefillBuffers buffers, GpuTileLists lists) {
    int tile = compiled.tile().tokens();
    long queryHeads = (long) shape.batch() * shape.attention().queryHeads().count();
    long kvHeads = (long) shape.batch() * shape.attention().kvHeads().count();
    return kernel.prepared(
        compiled.blocks(shape),
        (tile / GROUP_ROWS + 1) * WARPGROUP,
        map(buffers.queries(), queryHeads, shape, tile),
        map(buffers.keys(), kvHeads, shape, tile),
        map(buffers.values(), kvHeads, shape, tile),
        map(buffers.output(), queryHeads, shape, GROUP_ROWS),
        lists.rowStarts().argument(),
        lists.keyTiles().argument(),
        buffers.logSumExp().argument(),
        Pointer.to(new int[] {shape.grid().length().count()}),
        Pointer.to(new int[] {shape.attention().kvHeads().count()}),
        Pointer.to(new int[] {shape.reachTokens()}),
        Pointer.to(new float[] {SoftmaxScale.log2Of(compiled.headDim())}));
  }

  private Pointer map(GpuBuffer buffer, long matrices, PrefillShape shape, int boxRows) {
    return TensorMap.of(
            buffer,
            new TensorMap.Layout(
                matrices, shape.grid().length().count(), compiled.headDim().count(), boxRows))
        .argument();
  }

  @Override
  public void close() {
    module.close();
  }
}
