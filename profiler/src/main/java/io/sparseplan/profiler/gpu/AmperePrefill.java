package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import jcuda.Pointer;

/** {@code block_sparse_prefill.cu}: runs on every GPU from Ampere on. */
final class AmperePrefill implements BlockSparsePrefill {
  private static final String ENTRY = "block_sparse_prefill";
  private static final int ROWS_OF_A_WARP = 16;
  private static final int WARP = 32;
  private static final int STEP_KEYS = 64;

  /** Keys and values, this step's and the next one's. */
  private static final int STEP_BUFFERS = 4;

  private final Compiled compiled;
  private final KernelModule module;
  private final Kernel kernel;

  private AmperePrefill(Compiled compiled, KernelModule module) {
    this.compiled = compiled;
    this.module = module;
    int stepBytes = STEP_KEYS * compiled.headDim().count() * Short.BYTES;
    this.kernel = module.kernel(ENTRY, compiled.tileBytes() + STEP_BUFFERS * stepBytes);
  }

  static AmperePrefill load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    var compiled = new Compiled(headDim, tile);
    return new AmperePrefill(compiled, gpu.load(compiled.image(gpu, ENTRY)));
  }

  @Override
  public PreparedLaunch prepare(PrefillShape shape, PrefillBuffers buffers, GpuTileLists lists) {
    return kernel.prepared(
        compiled.blocks(shape),
        compiled.tile().tokens() / ROWS_OF_A_WARP * WARP,
        buffers.queries().argument(),
        buffers.keys().argument(),
        buffers.values().argument(),
        lists.rowStarts().argument(),
        lists.keyTiles().argument(),
        buffers.output().argument(),
        buffers.logSumExp().argument(),
        Pointer.to(new int[] {shape.grid().length().count()}),
        Pointer.to(new int[] {shape.attention().kvHeads().count()}),
        Pointer.to(new int[] {shape.reachTokens()}),
        Pointer.to(new float[] {SoftmaxScale.log2Of(compiled.headDim())}));
  }

  @Override
  public void close() {
    module.close();
  }
}
