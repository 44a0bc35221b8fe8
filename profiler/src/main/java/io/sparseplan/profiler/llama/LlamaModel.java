package io.sparseplan.profiler.llama;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.plans.safetensors.Checkpoint;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.BlockSparseAttention;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import java.util.BitSet;
import java.util.Optional;

/**
 * A model of the Llama family ({@link io.sparseplan.plans.model.Architecture}) on the CPU in
 * float32, as transformers computes it: RMSNorm, grouped-query attention with rotary positions,
 * SwiGLU, residuals. Attention runs over the tiles that it is given, within each layer's reach.
 *
 * <p>Everything between two attentions goes row block by row block through one worker, so that a
 * block stays in its second-level cache.
 */
public final class LlamaModel {
  private final ModelGeometry geometry;
  private final LlamaWeights weights;
  private final WeightResidency residency;
  private final Workers workers;

  private LlamaModel(
      ModelGeometry geometry, LlamaWeights weights, WeightResidency residency, Workers workers) {
    this.geometry = geometry;
    this.weights = weights;
    this.residency = residency;
    this.workers = workers;
  }

  /**
   * Holds all weights in memory where they leave most of the heap free, else reads each when it is
   * needed.
   *
   * @throws BadInputException if the weights do not fit the geometry, or are not finite; the latter
   *     where weights are streamed when they are first read
   */
  public static LlamaModel load(ModelGeometry geometry, Checkpoint checkpoint, Workers workers) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    return load(geometry, checkpoint, WeightResidency.fitting(geometry, heapBytes), workers);
  }

  /** Likewise, where the caller knows better. */
  public static LlamaModel load(
      ModelGeometry geometry, Checkpoint checkpoint, WeightResidency residency, Workers workers) {
    var tensors = new CheckedTensors(checkpoint, residency, workers);
    return new LlamaModel(geometry, LlamaWeights.load(tensors, geometry), residency, workers);
  }

  public ModelGeometry geometry() {
    return geometry;
  }

  public Workers workers() {
    return workers;
  }

  /** What a prompt of that length takes on its way forward and back. */
  public MemoryNeed memoryNeed(int tokens) {
    return new MemoryNeed(geometry, residency, tokens, workers.count());
  }

  /**
   * An empty tape for one prompt of that length; it keeps everything where the heap has room for
   * it.
   */
  public ForwardTape tape(int tokens) {
    return memoryNeed(tokens).leavesRoomToKeepAll(Runtime.getRuntime().maxMemory())
        ? new ForwardTape(geometry, tokens)
        : new ForwardTape();
  }

  /** The output layer's scores of every token of the vocabulary, for rows of hidden states. */
  public Vocabulary vocabulary() {
    return new Vocabulary(weights.head(), geometry, workers);
  }

  /**
   * Runs one prompt.
   *
   * @param ids token ids, as many as the tiles' grid is long
   * @param decodeRows tokens whose attention rows run the decode tiles
   * @return hidden states after the last norm, {@code [token][hidden]}
   * @throws BadInputException if an id is not in the vocabulary, or the prompt exceeds the context
   */
  public Activations forward(
      int[] ids, AttentionTiles tiles, BitSet decodeRows, ForwardObserver observer) {
    TileGrid grid = tiles.grid();
    PromptFit.require(geometry, ids, grid);
    AttentionShape shape = geometry.attention();
    var tokens = new TokenRows(ids.length);
    var x = embed(ids, tokens);
    var queries = new Activations(tokens, shape.queryWidth());
    var keys = new Activations(tokens, shape.kvWidth());
    var values = new Activations(tokens, shape.kvWidth());
    var output = new AttentionOutput(shape, tokens);
    var rotary = new RotaryTable(geometry.rope(), shape.headDim(), ids.length);
    var keyValues = new PackedKeyValues(shape, grid);
    var attention = new BlockSparseAttention(tiles, decodeRows, rotary, keyValues, workers);
    var scratch = new BlockScratch[workers.count()];
    for (int worker = 0; worker < scratch.length; worker++) {
      scratch[worker] = new BlockScratch(geometry, BlockRows.DEFAULT);
    }
    for (int layer = 0; layer < weights.layers().size(); layer++) {
      LayerWeights layerWeights = weights.layers().get(layer);
      observer.onLayerInput(layer, x);
      Optional<LayerActivations> kept = observer.placeFor(layer);
      Activations q = kept.map(LayerActivations::q).orElse(queries);
      Activations k = kept.map(LayerActivations::k).orElse(keys);
      Activations v = kept.map(LayerActivations::v).orElse(values);
      project(layerWeights, scratch, x, q, k, v);
      keyValues.pack(k, v, rotary, geometry.reach().get(layer), workers);
      attention.run(layer, q, output, workers);
      observer.onAttention(
          new ForwardObserver.LayerAttention(layer, q, k, v, keyValues, rotary, output));
      finish(layerWeights, scratch, output.o(), x, kept);
    }
    observer.onLastHidden(x);
    var norm = new RmsNorm(weights.finalNorm(), geometry.rmsNormEpsilon());
    float[] row = new float[geometry.hiddenSize()];
    for (int token = 0; token < ids.length; token++) {
      norm.apply(x.data(), x.at(token), row);
      System.arraycopy(row, 0, x.data(), x.at(token), row.length);
    }
    return x;
  }

  /**
   * Takes a loss back to the attention outputs of every layer, the last layer first.
   *
   * @param tape the forward pass with the same tiles; what it holds is not changed
   * @param stateGradient ∂L/∂(hidden states after the last norm), {@code [token][hidden]};
   *     overwritten
   */
  public void backward(
      ForwardTape tape,
      AttentionTiles tiles,
      Activations stateGradient,
      BackwardObserver observer) {
    new BackwardPass(geometry, weights, tiles, workers).run(tape, stateGradient, observer);
  }

  /** What is packed for it is no longer reachable when this returns; likewise below. */
  private void project(
      LayerWeights layer,
      BlockScratch[] scratch,
      Activations x,
      Activations q,
      Activations k,
      Activations v) {
    LayerWeights.Projections packed = layer.projections(workers);
    forEachBlock(
        x, (worker, from, end) -> scratch[worker].project(layer, packed, x, q, k, v, from, end));
  }

  private void finish(
      LayerWeights layer,
      BlockScratch[] scratch,
      Activations o,
      Activations x,
      Optional<LayerActivations> kept) {
    LayerWeights.AfterAttention packed = layer.afterAttention(workers);
    forEachBlock(
        x, (worker, from, end) -> scratch[worker].finish(layer, packed, o, x, kept, from, end));
  }

  @FunctionalInterface
  private interface Block {
    void run(int worker, int from, int end);
  }

  private void forEachBlock(Activations x, Block block) {
    int rows = BlockRows.DEFAULT.count();
    workers.forEach(
        Math.ceilDiv(x.tokens(), rows),
        (unit, worker) -> block.run(worker, unit * rows, Math.min((unit + 1) * rows, x.tokens())));
  }

  private Activations embed(int[] ids, TokenRows tokens) {
    int hidden = geometry.hiddenSize();
    var x = new Activations(tokens, hidden);
    for (int token = 0; token < ids.length; token++) {
      weights.embedding().copyFloats((long) ids[token] * hidden, hidden, x.data(), x.at(token));
    }
    return x;
  }
}
