package io.sparseplan.profiler.llama;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBackward;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.ProjectionGradients;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import java.util.List;

/**
 * The backward pass of one prompt through the layers, from the last to the first. Gradients of
 * activations only: weights have none. As in the forward pass, all but attention goes row block by
 * row block through one worker.
 */
final class BackwardPass {
  private final ModelGeometry geometry;
  private final LlamaWeights weights;
  private final AttentionTiles tiles;
  private final Workers workers;

  BackwardPass(
      ModelGeometry geometry, LlamaWeights weights, AttentionTiles tiles, Workers workers) {
    this.geometry = geometry;
    this.weights = weights;
    this.tiles = tiles;
    this.workers = workers;
  }

  /**
   * @param gradient ∂L/∂(hidden states after the last norm); overwritten
   */
  void run(ForwardTape tape, Activations gradient, BackwardObserver observer) {
    TileGrid grid = tiles.grid();
    AttentionShape shape = geometry.attention();
    var tokens = new TokenRows(tape.tokens());
    var q = new Activations(tokens, shape.queryWidth());
    var k = new Activations(tokens, shape.kvWidth());
    var v = new Activations(tokens, shape.kvWidth());
    var outputGradient = new Activations(tokens, shape.queryWidth());
    var projections = new ProjectionGradients(shape, tokens);
    var rotary = new RotaryTable(geometry.rope(), shape.headDim(), tokens.count());
    var keyValues = new PackedKeyValues(shape, grid);
    var attention = new AttentionBackward(tiles, rotary, keyValues, workers);
    var forward = new BlockScratch[workers.count()];
    Arrays.setAll(forward, worker -> new BlockScratch(geometry, BlockRows.DEFAULT));
    var backward = new BlockBackward[workers.count()];
    Arrays.setAll(backward, worker -> new BlockBackward(geometry, BlockRows.DEFAULT));
    takeLastNormBack(tape.lastHidden(), gradient);
    for (int layer = weights.layers().size() - 1; layer >= 0; layer--) {
      LayerWeights layerWeights = weights.layers().get(layer);
      TransposedLayer transposed = TransposedLayer.of(layerWeights, workers);
      Activations x = tape.layerInput(layer);
      var seen = new LayerAttention(layer, q, k, v, keyValues, rotary, tape.output(layer));
      forEachBlock(
          tokens,
          (worker, from, end) -> {
            forward[worker].project(layerWeights, x, q, k, v, from, end);
            backward[worker].toAttentionOutput(
                layerWeights,
                transposed,
                x,
                seen.output().o(),
                gradient,
                outputGradient,
                from,
                end);
          });
      keyValues.pack(k, v, rotary, geometry.reach().get(layer), workers);
      List<AttentionBlocks> blocks =
          attention.run(layer, q, k, v, seen.output(), outputGradient, projections, workers);
      observer.onGradient(seen, outputGradient, blocks);
      forEachBlock(
          tokens,
          (worker, from, end) ->
              backward[worker].toLayerInput(
                  layerWeights, transposed, x, projections, gradient, from, end));
    }
  }

  private void takeLastNormBack(Activations x, Activations gradient) {
    var norm = new RmsNorm(weights.finalNorm(), geometry.rmsNormEpsilon());
    float[] ofNormed = new float[geometry.hiddenSize()];
    for (int token = 0; token < gradient.tokens(); token++) {
      int at = gradient.at(token);
      System.arraycopy(gradient.data(), at, ofNormed, 0, ofNormed.length);
      Arrays.fill(gradient.data(), at, at + ofNormed.length, 0);
      norm.addGradient(x.data(), x.at(token), ofNormed, 0, gradient.data(), at);
    }
  }

  @FunctionalInterface
  private interface Block {
    void run(int worker, int from, int end);
  }

  private void forEachBlock(TokenRows tokens, Block block) {
    int rows = BlockRows.DEFAULT.count();
    workers.forEach(
        Math.ceilDiv(tokens.count(), rows),
        (unit, worker) ->
            block.run(worker, unit * rows, Math.min((unit + 1) * rows, tokens.count())));
  }
}
