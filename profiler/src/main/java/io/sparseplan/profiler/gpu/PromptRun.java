package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.NotFinite;

/** One prompt's way through the layers, and its memory. */
final class PromptRun implements AutoCloseable {
  private final Means means;
  private final PromptBuffers buffers;
  private final GpuRotary rotary;
  private final GpuAttention attention;

  /** The model and the kernels that all prompts share. */
  record Means(
      ModelGeometry model, RowKernels.Heads heads, MatrixMultiply multiply, RowKernels rows) {}

  /** Some rows of a prompt. */
  @FunctionalInterface
  interface Block {
    void run(int from, int count);
  }

  /**
   * @param buffers closed with this; so is the attention
   */
  PromptRun(Means means, PromptBuffers buffers, GpuRotary rotary, GpuAttention attention) {
    this.means = means;
    this.buffers = buffers;
    this.rotary = rotary;
    this.attention = attention;
  }

  PromptBuffers buffers() {
    return buffers;
  }

  GpuRotary rotary() {
    return rotary;
  }

  RowKernels.Norm norm(GpuBuffer weight) {
    return new RowKernels.Norm(
        weight, means.model.hiddenSize(), means.model.rmsNormEpsilon(), buffers.firstBad());
  }

  RowKernels.HeadNorms headNorms(GpuLayer weights) {
    return new RowKernels.HeadNorms(
        weights.queryNorm(), weights.keyNorm(), means.model.rmsNormEpsilon());
  }

  /** Queues a layer's way from the residual stream to the output of its attention. */
  void attend(int layer, GpuLayer weights) {
    forEachBlock(
        (from, count) -> {
          means.rows.rotate(
              project(weights, buffers.stream().part(from, count)),
              new RowKernels.Place(from, buffers.stream().count()),
              means.heads,
              headNorms(weights),
              rotary,
              buffers.attention());
        });
    attention.queue(layer, means.model.reach().get(layer), buffers.attended());
  }

  /** Queues the projections of rows of the residual stream; they are valid until the next. */
  GpuRows project(GpuLayer weights, GpuRows stream) {
    GpuRows normed = buffers.normed(stream.count());
    GpuRows projections = buffers.wide(weights.projections().outputs(), stream.count());
    means.rows.normalize(stream, norm(weights.attentionNorm()), normed);
    means.multiply.queue(
        normed, weights.projections(), projections, MatrixMultiply.Before.OVERWRITTEN);
    return projections;
  }

  /** Queues the output projection: adds to the residual stream what attention came to. */
  void addAttended(GpuLayer weights, int from, int count) {
    means.multiply.queue(
        buffers.attended().part(from, count),
        weights.output(),
        buffers.stream().part(from, count),
        MatrixMultiply.Before.ADDED_TO);
  }

  /** Queues the MLP's first layers on rows of the residual stream; valid until the next. */
  GpuRows gateAndUp(GpuLayer weights, GpuRows stream) {
    GpuRows normed = buffers.normed(stream.count());
    GpuRows gateAndUp = buffers.wide(weights.gateAndUp().outputs(), stream.count());
    means.rows.normalize(stream, norm(weights.mlpNorm()), normed);
    means.multiply.queue(normed, weights.gateAndUp(), gateAndUp, MatrixMultiply.Before.OVERWRITTEN);
    return gateAndUp;
  }

  /** Queues what comes after a layer's attention. */
  void finish(GpuLayer weights) {
    forEachBlock(
        (from, count) -> {
          GpuRows stream = buffers.stream().part(from, count);
          addAttended(weights, from, count);
          GpuRows gateAndUp = gateAndUp(weights, stream);
          GpuRows activated = buffers.activated(count);
          means.rows.swiglu(gateAndUp, weights.down().inputs(), activated);
          means.multiply.queue(activated, weights.down(), stream, MatrixMultiply.Before.ADDED_TO);
        });
  }

  /**
   * Hidden states after the last norm, {@code [token][hidden]}.
   *
   * @throws BadInputException if some are not finite
   */
  Activations states(GpuBuffer finalNorm) {
    int tokens = buffers.stream().count();
    var states = new Activations(new TokenRows(tokens), means.model.hiddenSize());
    GpuRows onGpu = buffers.states(states.stride());
    means.rows.normalize(buffers.stream(), norm(finalNorm), onGpu);
    onGpu.buffer().download(states.data(), tokens * states.stride());
    int[] firstBad = {0};
    buffers.firstBad().download(firstBad);
    if (firstBad[0] != Integer.MAX_VALUE) {
      throw NotFinite.hiddenState(firstBad[0]);
    }
    return states;
  }

  /** Goes through the prompt's rows in blocks. */
  void forEachBlock(Block block) {
    int tokens = buffers.stream().count();
    for (int from = 0; from < tokens; from += PromptBuffers.BLOCK_ROWS) {
      block.run(from, Math.min(PromptBuffers.BLOCK_ROWS, tokens - from));
    }
  }

  @Override
  public void close() {
    attention.close();
    buffers.close();
  }
}
