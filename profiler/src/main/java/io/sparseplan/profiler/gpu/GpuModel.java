package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.LayerSums;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver;
import io.sparseplan.profiler.llama.PromptFit;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model of the Llama family on a GPU: the same steps as {@link
 * io.sparseplan.profiler.llama.LlamaModel}. What tensor cores multiply is rounded to bf16; sums,
 * the residual stream, norms, rotations and the softmax are in float32.
 *
 * <p>Weights stay on the GPU where they leave enough of its memory free, until a prompt needs it;
 * else one layer is there at a time. Linear layers go through blocks of rows, so that what is wide
 * never exists for a whole prompt.
 */
public final class GpuModel implements AutoCloseable {
  /** The head_dims that attention kernels are compiled for; heads are padded to the next. */
  private static final int[] COMPILED_HEAD_DIMS = {64, 128};

  private final GpuSession gpu;
  private final StoredModel model;
  private final Workers workers;
  private final RowKernels.Heads heads;
  private final MatrixMultiply multiply;
  private final RowKernels rows;
  private final GpuBuffer finalNorm;
  private final Map<TileSize, BlockSparsePrefill> prefills = new HashMap<>();
  private GpuLayers layers;
  private Optional<GpuRotary> rotary = Optional.empty();

  /**
   * @param gpu stays open as long as the model
   * @throws BadInputException if heads are too large, or the memory too small
   */
  public GpuModel(GpuSession gpu, StoredModel model, Workers workers) {
    this(gpu, model, GpuLayers.of(gpu, model, workers), workers);
  }

  /** Likewise, where the caller knows better which layers to hold; they are closed with this. */
  GpuModel(GpuSession gpu, StoredModel model, GpuLayers layers, Workers workers) {
    AttentionShape attention = model.geometry().attention();
    this.gpu = gpu;
    this.model = model;
    this.layers = layers;
    this.workers = workers;
    this.heads = new RowKernels.Heads(attention, padded(attention.headDim()));
    this.multiply = MatrixMultiply.load(gpu);
    this.rows = RowKernels.load(gpu);
    this.finalNorm = gpu.uploaded(model.finalNorm()).orElseThrow();
  }

  private static HeadDim padded(HeadDim headDim) {
    for (int compiled : COMPILED_HEAD_DIMS) {
      if (headDim.count() <= compiled) {
        return new HeadDim(compiled);
      }
    }
    throw new BadInputException(
        "The head_dim (%d) of the model exceeds %d, the largest that GPU kernels are compiled for."
            .formatted(headDim.count(), COMPILED_HEAD_DIMS[COMPILED_HEAD_DIMS.length - 1]),
        "run it with --backend cpu.");
  }

  /**
   * Runs one prompt.
   *
   * @param ids token ids, as many as the tiles' grid is long
   * @param decodeRows tokens whose attention rows run the decode tiles
   * @return hidden states after the last norm, {@code [token][hidden]}
   * @throws BadInputException if an id is not in the vocabulary, the prompt exceeds the context, or
   *     the GPU's memory is too small; it says how much was needed
   */
  public Activations forward(int[] ids, AttentionTiles tiles, BitSet decodeRows) {
    try (PromptRun run = start(ids, tiles, decodeRows)) {
      layers.forEach(
          (layer, weights) -> {
            run.attend(layer, weights);
            run.finish(weights);
          });
      return run.states(finalNorm);
    }
  }

  /**
   * Runs one prompt dense.
   *
   * @param observer sees each layer's attention, queries and keys rotated already
   */
  public void observe(int[] ids, TileGrid grid, ForwardObserver observer) {
    var attention = new HostAttention(heads, grid, workers);
    try (PromptRun run = start(ids, AttentionTiles.dense(grid), new BitSet())) {
      layers.forEach(
          (layer, weights) -> {
            run.attend(layer, weights);
            observer.onAttention(
                attention.of(
                    layer,
                    run.buffers().attention(),
                    model.geometry().reach().get(layer),
                    LayerSums.NONE));
            run.finish(weights);
          });
    }
  }

  /**
   * Runs one prompt dense, and keeps what its way back needs.
   *
   * @throws BadInputException likewise
   */
  public GpuDensePass densePass(int[] ids, TileGrid grid) {
    makeRoom(
        PromptBuffers.bytes(model.geometry(), shape(grid))
            + GradientBuffers.bytes(model.geometry(), shape(grid))
            + GradientBuffers.reservedBytes(model.geometry()));
    PromptRun run = start(ids, AttentionTiles.dense(grid), new BitSet());
    try {
      var means = new GpuDensePass.Means(gpu, model.geometry(), layers, heads, multiply, workers);
      return new GpuDensePass(means, run, finalNorm, grid);
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
  }

  /** Makes ready to run a prompt: its memory, with the embeddings in it. */
  private PromptRun start(int[] ids, AttentionTiles tiles, BitSet decodeRows) {
    ModelGeometry geometry = model.geometry();
    TileGrid grid = tiles.grid();
    PromptFit.require(geometry, ids, grid);
    PrefillShape shape = shape(grid);
    makeRoom(PromptBuffers.bytes(geometry, shape));
    BlockSparsePrefill prefill =
        prefills.computeIfAbsent(
            grid.tile(), tile -> BlockSparsePrefill.load(gpu, heads.padded(), tile));
    GpuRotary rotation = rotaryOf(ids.length);
    PromptBuffers buffers = PromptBuffers.allocate(gpu, geometry, shape);
    buffers.stream().buffer().upload(embedded(ids));
    return new PromptRun(
        new PromptRun.Means(geometry, heads, multiply, rows),
        buffers,
        rotation,
        new GpuAttention(
            new GpuAttention.Means(gpu, prefill, rows, buffers.attention(), workers),
            shape,
            heads,
            tiles,
            decodeRows));
  }

  /** Of the attention, heads padded. */
  private PrefillShape shape(TileGrid grid) {
    AttentionShape attention = model.geometry().attention();
    return new PrefillShape(
        1, new AttentionShape(attention.queryHeads(), attention.kvHeads(), heads.padded()), grid);
  }

  /** Lets go of the layers where a prompt needs their memory. From then on they are read again. */
  private void makeRoom(long bytes) {
    if (holdsLayers() && gpu.freeBytes() < bytes) {
      layers.close();
      layers = new GpuLayers.Streamed(gpu, model, workers);
    }
  }

  /** Whether all layers are in the GPU's memory. */
  boolean holdsLayers() {
    return layers instanceof GpuLayers.Held;
  }

  /** Of at least so many tokens: the table of a longer prompt begins with that of a shorter one. */
  private GpuRotary rotaryOf(int tokens) {
    if (rotary.filter(table -> table.tokens() >= tokens).isEmpty()) {
      ModelGeometry geometry = model.geometry();
      rotary.ifPresent(GpuRotary::close);
      rotary =
          Optional.of(
              GpuRotary.upload(
                  gpu,
                  new RotaryTable(geometry.rope(), geometry.attention().headDim(), tokens),
                  tokens));
    }
    return rotary.get();
  }

  private float[] embedded(int[] ids) {
    int stride = GpuRows.productStride(model.geometry().hiddenSize());
    float[] x = new float[Math.multiplyExact(ids.length, stride)];
    workers.forEach(ids.length, (token, worker) -> model.embed(ids[token], x, token * stride));
    return x;
  }

  @Override
  public void close() {
    layers.close();
    finalNorm.close();
    rotary.ifPresent(GpuRotary::close);
    prefills.values().forEach(BlockSparsePrefill::close);
    rows.close();
    multiply.close();
  }
}
