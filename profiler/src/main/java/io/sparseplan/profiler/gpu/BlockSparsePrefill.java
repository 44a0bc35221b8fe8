package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import java.util.Map;

/**
 * Attention of prompts over a list of key tiles for each query head and query tile: runs any plan.
 * Compiled for one head_dim and tile.
 */
public sealed interface BlockSparsePrefill extends AutoCloseable
    permits AmperePrefill, HopperPrefill {
  /**
   * The fastest one for this GPU.
   *
   * @throws BadInputException if no kernel was compiled for this head_dim and tile (64 and 128 of
   *     each), or the driver cannot load it
   */
  static BlockSparsePrefill load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    return gpu.gpu().capability().equals(ComputeCapability.HOPPER)
        ? HopperPrefill.load(gpu, headDim, tile)
        : AmperePrefill.load(gpu, headDim, tile);
  }

  /**
   * A launch of the kernel, not queued yet.
   *
   * @param shape of this head_dim and tile
   * @param buffers that hold its tensors
   * @param lists of its query heads and grid
   */
  PreparedLaunch prepare(PrefillShape shape, PrefillBuffers buffers, GpuTileLists lists);

  @Override
  void close();

  /** What a prefill kernel was compiled for. */
  record Compiled(HeadDim headDim, TileSize tile) {
    KernelImage image(GpuSession gpu, String entry) {
      return gpu.image(
          new KernelChoice(
              entry + ".cu", Map.of("HEAD_DIM", headDim.count(), "TILE", tile.tokens())));
    }

    /** Bytes of a tile of keys. */
    int tileBytes() {
      return tile.tokens() * headDim.count() * Short.BYTES;
    }

    /** One thread block a query tile, prompt and query head, the query tile fastest. */
    Kernel.Grid blocks(PrefillShape shape) {
      if (!shape.attention().headDim().equals(headDim) || !shape.grid().tile().equals(tile)) {
        throw new IllegalArgumentException(
            "The kernel for head_dim %d and tile %d cannot run %s in tiles of %d."
                .formatted(headDim.count(), tile.tokens(), shape, shape.grid().tile().tokens()));
      }
      return new Kernel.Grid(
          shape.grid().tiles(), shape.batch(), shape.attention().queryHeads().count());
    }
  }
}
