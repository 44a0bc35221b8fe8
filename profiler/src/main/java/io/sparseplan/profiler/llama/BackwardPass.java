package io.sparseplan.profiler.llama;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBackward;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.attention.AttentionOutput;
import io.sparseplan.profiler.attention.AttentionTiles;
import io.sparseplan.profiler.attention.PackedKeyValues;
import io.sparseplan.profiler.attention.ProjectionGradients;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.kernel.PackedRows.BlockRows;
import io.sparseplan.profiler.kernel.PackedWeights;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The backward pass of one prompt through the layers, from the last to the first. Gradients of
 * activations only: weights have none. As in the forward pass, all but attention goes row block by
 * row block through one worker; it does so in steps, each with a part of the layer's weights.
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
    Optional<LayerActivations> again =
        tape.keepsAll() ? Optional.empty() : Optional.of(new LayerActivations(geometry, tokens));
    // What was computed again is not needed any more once its gradient is known.
    MlpGradients mlp =
        again
            .map(ofLayer -> new MlpGradients(ofLayer.gate(), ofLayer.up()))
            .orElseGet(
                () ->
                    new MlpGradients(
                        new Activations(tokens, geometry.intermediateSize()),
                        new Activations(tokens, geometry.intermediateSize())));
    for (int layer = weights.layers().size() - 1; layer >= 0; layer--) {
      LayerWeights layerWeights = weights.layers().get(layer);
      Activations x = tape.layerInput(layer);
      AttentionOutput output = tape.output(layer);
      again.ifPresent(
          ofLayer -> {
            project(layerWeights, forward, x, ofLayer.q(), ofLayer.k(), ofLayer.v());
            computeMlpAgain(layerWeights, backward, x, output.o(), ofLayer);
          });
      LayerActivations of = tape.activations(layer).or(() -> again).orElseThrow();
      Activations q = of.q();
      Activations k = of.k();
      Activations v = of.v();
      var seen = new LayerAttention(layer, q, k, v, keyValues, rotary, output);
      toMlp(layerWeights, backward, gradient, of, mlp);
      toAttentionOutput(layerWeights, backward, of.middle(), mlp, gradient, outputGradient);
      keyValues.pack(k, v, rotary, geometry.reach().get(layer), workers);
      if (layer == 0) {
        observer.onGradient(
            seen,
            outputGradient,
            attention.blocks(layer, q, k, v, output, outputGradient, workers));
      } else {
        List<AttentionBlocks> blocks =
            attention.run(layer, q, k, v, output, outputGradient, projections, workers);
        observer.onGradient(seen, outputGradient, blocks);
        toLayerInput(layerWeights, backward, x, projections, gradient);
      }
    }
  }

  // Each of these packs what it needs, which is no longer reachable when it returns: no more than a
  // part of one layer is packed at any time.

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

  private void computeMlpAgain(
      LayerWeights layer,
      BlockBackward[] backward,
      Activations x,
      Activations o,
      LayerActivations again) {
    PackedWeights output = layer.output().forward(workers);
    PackedWeights gate = layer.gate().forward(workers);
    PackedWeights up = layer.up().forward(workers);
    forEachBlock(
        x,
        (worker, from, end) ->
            backward[worker].computeMlpAgain(layer, output, gate, up, x, o, again, from, end));
  }

  private void toMlp(
      LayerWeights layer,
      BlockBackward[] backward,
      Activations gradient,
      LayerActivations activations,
      MlpGradients mlp) {
    PackedWeights down = layer.down().transposed(workers);
    forEachBlock(
        gradient,
        (worker, from, end) -> backward[worker].toMlp(down, gradient, activations, mlp, from, end));
  }

  private void toAttentionOutput(
      LayerWeights layer,
      BlockBackward[] backward,
      Activations middle,
      MlpGradients mlp,
      Activations gradient,
      Activations outputGradient) {
    PackedWeights gate = layer.gate().transposed(workers);
    PackedWeights up = layer.up().transposed(workers);
    PackedWeights output = layer.output().transposed(workers);
    forEachBlock(
        gradient,
        (worker, from, end) ->
            backward[worker].toAttentionOutput(
                layer, gate, up, output, middle, mlp, gradient, outputGradient, from, end));
  }

  private void toLayerInput(
      LayerWeights layer,
      BlockBackward[] backward,
      Activations x,
      ProjectionGradients projections,
      Activations gradient) {
    if (layer.queryNorm().normalises()) {
      PackedWeights query = layer.query().forward(workers);
      PackedWeights key = layer.key().forward(workers);
      forEachBlock(
          x,
          (worker, from, end) ->
              backward[worker].takeHeadNormsBack(layer, query, key, x, projections, from, end));
    }
    LayerWeights.Projections transposed = layer.transposedProjections(workers);
    forEachBlock(
        x,
        (worker, from, end) ->
            backward[worker].toLayerInput(layer, transposed, x, projections, gradient, from, end));
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

  private void forEachBlock(Activations tokens, Block block) {
    int rows = BlockRows.DEFAULT.count();
    workers.forEach(
        Math.ceilDiv(tokens.tokens(), rows),
        (unit, worker) ->
            block.run(worker, unit * rows, Math.min((unit + 1) * rows, tokens.tokens())));
  }
}
