package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.AttentionBlocks;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import java.util.List;
import java.util.Optional;

/**
 * One prompt's way forward through a model on a GPU, dense, and back from a loss to the attention
 * output of every layer: the steps of {@link io.sparseplan.profiler.llama.LlamaModel#backward}.
 *
 * <p>The residual stream before each layer is kept, on the GPU as far as it fits; all else of a
 * layer is computed again on the way back. What tensor cores multiply, gradients too, is rounded to
 * bf16; the gradient of the residual stream and all sums are float32. Every sum has one order: two
 * runs give the same bits.
 */
public final class GpuDensePass implements AutoCloseable {
  private final Means means;
  private final PromptRun run;
  private final GradientBuffers gradients;
  private final BackwardRowKernels kernels;
  private final GpuAttentionBackward attention;
  private final GpuSetScores scores;
  private final Optional<GpuSpanScores> spanScores;
  private final GpuLayerSums sums;
  private final GpuBuffer finalNorm;
  private final PrefillShape shape;
  private final HostAttention onHost;
  private final Activations states;

  /** The model, and the kernels that all prompts share. */
  record Means(
      GpuSession gpu,
      ModelGeometry model,
      GpuLayers layers,
      RowKernels.Heads heads,
      MatrixMultiply multiply,
      Workers workers) {}

  /** Sees what each layer's attention does to the loss, the last layer first. */
  @FunctionalInterface
  public interface Observer {
    /** One layer. The next overwrites it. */
    void onGradient(Layer layer);
  }

  /** One layer on its way back. */
  public interface Layer {
    /** Its attention, computed again; queries and keys are rotated already. */
    LayerAttention attention();

    /** ∂L/∂O, {@code [token][head · headDim]}. */
    Activations outputGradient();

    /** One record a query head. */
    List<AttentionBlocks> blocks();

    /**
     * Scores sets of key tiles of every query tile of every head.
     *
     * @param programs {@code [head][queryTile]}
     * @param visitor sees each query tile, in any order and on any thread
     */
    void score(SetProgram[][] programs, SetScoreVisitor visitor);

    /** A faster way where all sets are spans, on GPUs that have it. */
    Optional<SpanScorer> spans();
  }

  /** Scores spans of key tiles of every query tile of every head of a layer. */
  public interface SpanScorer {
    /** The key tiles that some query of a query tile sees. */
    SpanProgram.Visible visible(int queryTile);

    /**
     * @param programs {@code [head][queryTile]}
     * @param visitor sees each query tile, in any order and on any thread
     */
    void score(SpanProgram[][] programs, SpanScoreVisitor visitor);
  }

  /**
   * Runs the prompt forward.
   *
   * @param run with the embeddings in its residual stream; closed with this
   */
  GpuDensePass(Means means, PromptRun run, GpuBuffer finalNorm, TileGrid grid) {
    AttentionShape ofModel = means.model.attention();
    var padded = new AttentionShape(ofModel.queryHeads(), ofModel.kvHeads(), means.heads.padded());
    this.means = means;
    this.run = run;
    this.finalNorm = finalNorm;
    this.shape = new PrefillShape(1, padded, grid);
    this.gradients = new GradientBuffers(means.gpu, means.model, shape);
    this.kernels = BackwardRowKernels.load(means.gpu);
    this.attention = GpuAttentionBackward.load(means.gpu, means.heads.padded(), grid.tile());
    this.scores = GpuSetScores.load(means.gpu, means.heads.padded(), grid.tile(), means.workers);
    this.spanScores =
        GpuSpanScores.runsOn(means.gpu.gpu())
            ? Optional.of(
                GpuSpanScores.load(means.gpu, means.heads.padded(), grid.tile(), means.workers))
            : Optional.empty();
    this.sums = GpuLayerSums.load(means.gpu, means.heads.padded(), grid.tile());
    this.onHost = new HostAttention(means.heads, grid, means.workers);
    means.layers.forEach(
        (layer, weights) -> {
          gradients.layerInputs().keep(layer, run.buffers().stream().buffer());
          run.attend(layer, weights);
          run.finish(weights);
        });
    this.states = run.states(finalNorm);
  }

  /** Hidden states after the last norm, {@code [token][hidden]}. */
  public Activations states() {
    return states;
  }

  /**
   * Takes a loss back to the attention outputs of every layer, the last layer first. To be called
   * once.
   *
   * @param stateGradient ∂L/∂(hidden states after the last norm), {@code [token][hidden]}
   */
  public void backward(Activations stateGradient, Observer observer) {
    kernels.normalize(
        run.buffers().stream(),
        run.norm(finalNorm),
        GradientBuffers.upload(stateGradient, run.buffers()),
        gradients.stream(),
        MatrixMultiply.Before.OVERWRITTEN);
    means.layers.forEachFromLast((layer, weights) -> takeBack(layer, weights, observer));
  }

  private void takeBack(int layer, GpuLayer weights, Observer observer) {
    AttentionReach reach = means.model.reach().get(layer);
    var ofLayer = new PrefillShape(1, shape.attention(), shape.grid(), reach);
    GradientBuffers.Transposed transposed = gradients.transposed(weights, kernels);
    GpuBuffer stream = run.buffers().stream().buffer();
    gradients.layerInputs().restore(layer, stream);
    run.attend(layer, weights);
    run.forEachBlock((from, count) -> toAttentionOutput(weights, transposed, from, count));
    attention.queue(
        ofLayer, run.buffers().attention(), means.heads.queryFactor(), gradients.attention());
    observer.onGradient(new Seen(layer, ofLayer));
    gradients.layerInputs().restore(layer, stream);
    run.forEachBlock((from, count) -> toLayerInput(weights, transposed, from, count));
  }

  private void toAttentionOutput(
      GpuLayer weights, GradientBuffers.Transposed transposed, int from, int count) {
    GpuRows middle = run.buffers().stream().part(from, count);
    GpuRows gradient = gradients.stream().part(from, count);
    GpuRows rounded = run.buffers().normed(count);
    int hidden = means.model.hiddenSize();
    int columns = weights.down().inputs();
    GpuRows ofActivations = gradients.products(columns, count);
    GpuRows ofGateAndUp = gradients.rounded(2 * columns, count);
    GpuRows ofHeads = gradients.products(transposed.output().outputs(), count);

    run.addAttended(weights, from, count);
    GpuRows gateAndUp = run.gateAndUp(weights, middle);
    kernels.round(gradient, hidden, rounded);
    multiply(rounded, transposed.down(), ofActivations);
    kernels.swiglu(gateAndUp, columns, ofActivations, ofGateAndUp);
    addThroughNorm(ofGateAndUp, transposed.gateAndUp(), middle, weights.mlpNorm(), gradient);
    kernels.round(gradient, hidden, rounded);
    multiply(rounded, transposed.output(), ofHeads);
    kernels.splitHeads(
        ofHeads,
        new RowKernels.Place(from, gradients.stream().count()),
        means.heads,
        run.buffers().attention().output(),
        gradients.attention().output(),
        gradients.attention().rowDot());
  }

  private void toLayerInput(
      GpuLayer weights, GradientBuffers.Transposed transposed, int from, int count) {
    GpuRows x = run.buffers().stream().part(from, count);
    GpuRows ofProjections = gradients.rounded(weights.projections().outputs(), count);
    RowKernels.HeadNorms headNorms = run.headNorms(weights);
    Optional<GpuRows> projections =
        headNorms.query().isPresent() || headNorms.key().isPresent()
            ? Optional.of(run.project(weights, x))
            : Optional.empty();
    kernels.rotate(
        gradients.attention(),
        projections,
        new RowKernels.Place(from, gradients.stream().count()),
        means.heads,
        headNorms,
        run.rotary(),
        ofProjections);
    addThroughNorm(
        ofProjections,
        transposed.projections(),
        x,
        weights.attentionNorm(),
        gradients.stream().part(from, count));
  }

  /** Adds what comes through a linear layer that read x normalised. */
  private void addThroughNorm(
      GpuRows gradient, GpuLinear transposed, GpuRows x, GpuBuffer norm, GpuRows ofStream) {
    GpuRows ofNormed = gradients.norms(x.count());
    multiply(gradient, transposed, ofNormed);
    kernels.normalize(x, run.norm(norm), ofNormed, ofStream, MatrixMultiply.Before.ADDED_TO);
  }

  private void multiply(GpuRows x, GpuLinear layer, GpuRows y) {
    means.multiply.queue(x, layer, y, MatrixMultiply.Before.OVERWRITTEN);
  }

  /** What an observer sees of a layer. */
  private final class Seen implements Layer {
    private final int layer;
    private final PrefillShape ofLayer;

    Seen(int layer, PrefillShape ofLayer) {
      this.layer = layer;
      this.ofLayer = ofLayer;
    }

    @Override
    public LayerAttention attention() {
      return onHost.of(
          layer,
          run.buffers().attention(),
          ofLayer.reach(),
          sums.of(ofLayer, run.buffers().attention()));
    }

    @Override
    public Activations outputGradient() {
      var rows = new Activations(new TokenRows(states.tokens()), means.heads.shape().queryWidth());
      HeadRows.of(means.heads, means.workers).download(gradients.attention().output(), 1, rows);
      return rows;
    }

    @Override
    public List<AttentionBlocks> blocks() {
      return gradients.attention().blocks();
    }

    @Override
    public void score(SetProgram[][] programs, SetScoreVisitor visitor) {
      scores.score(
          ofLayer, run.buffers().attention(), gradients.attention().output(), programs, visitor);
    }

    @Override
    public Optional<SpanScorer> spans() {
      return spanScores.map(kernel -> new SeenSpans(kernel, ofLayer));
    }
  }

  /** Of a layer that an observer sees. */
  private final class SeenSpans implements SpanScorer {
    private final GpuSpanScores kernel;
    private final PrefillShape ofLayer;

    SeenSpans(GpuSpanScores kernel, PrefillShape ofLayer) {
      this.kernel = kernel;
      this.ofLayer = ofLayer;
    }

    @Override
    public SpanProgram.Visible visible(int queryTile) {
      return ofLayer.visible(queryTile);
    }

    @Override
    public void score(SpanProgram[][] programs, SpanScoreVisitor visitor) {
      kernel.score(
          ofLayer, run.buffers().attention(), gradients.attention().output(), programs, visitor);
    }
  }

  @Override
  public void close() {
    spanScores.ifPresent(GpuSpanScores::close);
    sums.close();
    scores.close();
    attention.close();
    kernels.close();
    gradients.close();
    run.close();
  }
}
