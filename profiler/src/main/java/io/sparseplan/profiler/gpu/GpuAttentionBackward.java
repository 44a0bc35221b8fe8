package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import java.util.Map;

/**
 * Dense causal attention's way back: {@code attention_backward.cu}, compiled for one head_dim and
 * tile.
 */
final class GpuAttentionBackward implements AutoCloseable {
  private static final String SOURCE = "attention_backward.cu";
  private static final int ROWS_OF_A_WARP = 16;
  private static final int WARP = 32;
  private static final int STEP = 32;

  private final HeadDim headDim;
  private final TileSize tile;
  private final KernelModule module;
  private final Kernel queries;
  private final Kernel keys;

  private GpuAttentionBackward(HeadDim headDim, TileSize tile, KernelModule module) {
    this.headDim = headDim;
    this.tile = tile;
    this.module = module;
    // Two tiles of one side, and twice as many steps of the other: this one's and the next one's.
    int sharedBytes = (2 * tile.tokens() + 4 * STEP) * headDim.count() * Short.BYTES;
    this.queries = module.kernel("attention_backward_queries", sharedBytes);
    this.keys = module.kernel("attention_backward_keys", sharedBytes);
  }

  /**
   * @throws BadInputException if no kernel was compiled for this head_dim and tile
   */
  static GpuAttentionBackward load(GpuSession gpu, HeadDim headDim, TileSize tile) {
    Map<String, Integer> defines = Map.of("HEAD_DIM", headDim.count(), "TILE", tile.tokens());
    return new GpuAttentionBackward(
        headDim, tile, gpu.load(gpu.image(new KernelChoice(SOURCE, defines))));
  }

  /**
   * Queues the way back of one layer.
   *
   * @param shape of this head_dim and tile, one prompt, causal
   * @param buffers after the forward pass
   * @param queryFactor by which the queries in the buffers have been multiplied
   * @param gradients its output's and its row products are read, the others written
   */
  void queue(
      PrefillShape shape, PrefillBuffers buffers, float queryFactor, AttentionGradients gradients) {
    int tokens = shape.grid().length().count();
    int tiles = shape.grid().tiles();
    int heads = shape.attention().queryHeads().count();
    int kvHeads = shape.attention().kvHeads().count();
    int threads = tile.tokens() / ROWS_OF_A_WARP * WARP;
    float scale = (float) (1 / Math.sqrt(headDim.count()));
    gradients.mass().clear();
    gradients.influence().clear();
    queries
        .prepared(
            new Kernel.Grid(tiles, heads, 1),
            threads,
            buffers.queries().argument(),
            buffers.keys().argument(),
            buffers.values().argument(),
            gradients.output().argument(),
            buffers.logSumExp().argument(),
            gradients.rowDot().argument(),
            gradients.queries().argument(),
            gradients.mass().argument(),
            gradients.influence().argument(),
            gradients.entropyBits().argument(),
            gradients.heavyTile().argument(),
            gradients.heavyInfluence().argument(),
            KernelArgument.of(tokens),
            KernelArgument.of(kvHeads),
            KernelArgument.of(shape.reachTokens()),
            KernelArgument.of(SoftmaxScale.log2Of(headDim)),
            KernelArgument.of(scale * queryFactor))
        .queue();
    keys.prepared(
            new Kernel.Grid(tiles, kvHeads, 1),
            threads,
            buffers.queries().argument(),
            buffers.keys().argument(),
            buffers.values().argument(),
            gradients.output().argument(),
            buffers.logSumExp().argument(),
            gradients.rowDot().argument(),
            gradients.keys().argument(),
            gradients.values().argument(),
            KernelArgument.of(tokens),
            KernelArgument.of(shape.attention().groupSize()),
            KernelArgument.of(shape.reachTokens()),
            KernelArgument.of(SoftmaxScale.log2Of(headDim)),
            KernelArgument.of(scale))
        .queue();
  }

  @Override
  public void close() {
    module.close();
  }
}
