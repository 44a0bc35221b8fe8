package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import java.util.Map;
import jcuda.Pointer;

/**
 * Attention of prompts over a list of key tiles for each query head and query tile: runs any plan.
 * The kernel is {@code block_sparse_prefill.cu}, for one head_dim and tile.
 */
public final class BlockSparsePrefill implements AutoCloseable {
  private static final String ENTRY = "block_sparse_prefill";
  private static final int ROWS_OF_A_WARP = 16;
  private static final int WARP = 32;
  private static final int STEP_KEYS = 64;

  /** Keys and values, this step's and the next one's. */
  private static final int STEP_BUFFERS = 4;

  private final HeadDim headDim;
  private final TileSize tile;
  private final KernelModule module;
  private final Kernel kernel;

  private BlockSparsePrefill(HeadDim headDim, TileSize tile, KernelModule module) {
    this.headDim = headDim;
    this.tile = tile;
    this.module = module;
    this.kernel =
        module.kernel(
            ENTRY, (tile.tokens() + STEP_BUFFERS * STEP_KEYS) * headDim.count() * Short.BYTES);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this head_dim and tile (64 and 128 of
   *     each), or the driver cannot load it
   */
  public static BlockSparsePrefill load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    KernelImage image =
        gpu.image(
            new KernelChoice(
                ENTRY + ".cu", Map.of("HEAD_DIM", headDim.count(), "TILE", tile.tokens())));
    return new BlockSparsePrefill(headDim, tile, gpu.load(image));
  }

  /**
   * Queues one launch and returns at once.
   *
   * @param shape of this head_dim and tile
   * @param buffers that hold its tensors
   * @param lists of its query heads and grid
   */
  public void launch(PrefillShape shape, PrefillBuffers buffers, GpuTileLists lists) {
    requireShape(shape);
    int causal =
        switch (shape.grid().visibility()) {
          case CAUSAL -> 1;
          case BIDIRECTIONAL -> 0;
        };
    kernel.launch(
        new Kernel.Grid(
            shape.grid().tiles(), shape.batch(), shape.attention().queryHeads().count()),
        tile.tokens() / ROWS_OF_A_WARP * WARP,
        buffers.queries().argument(),
        buffers.keys().argument(),
        buffers.values().argument(),
        lists.rowStarts().argument(),
        lists.keyTiles().argument(),
        buffers.output().argument(),
        buffers.logSumExp().argument(),
        Pointer.to(new int[] {shape.grid().length().count()}),
        Pointer.to(new int[] {shape.attention().kvHeads().count()}),
        Pointer.to(new int[] {causal}),
        Pointer.to(new float[] {SoftmaxScale.log2Of(headDim)}));
  }

  private void requireShape(PrefillShape shape) {
    if (!shape.attention().headDim().equals(headDim) || !shape.grid().tile().equals(tile)) {
      throw new IllegalArgumentException(
          "The kernel for head_dim %d and tile %d cannot run %s in tiles of %d."
              .formatted(headDim.count(), tile.tokens(), shape, shape.grid().tile().tokens()));
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
