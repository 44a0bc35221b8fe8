package io.sparseplan.profiler.gpu;

import java.util.Optional;

/**
 * The ways back of {@link RowKernels}, one thread block a row, and what matrix products on the way
 * back read: {@code rms_norm_backward.cu}, {@code swiglu_backward.cu}, {@code split_heads.cu},
 * {@code rotate_heads_backward.cu}, {@code round_rows.cu} and {@code transpose.cu}.
 */
final class BackwardRowKernels implements AutoCloseable {
  private static final int TRANSPOSE_SIDE = 32;

  private final RowKernel norm;
  private final RowKernel swiglu;
  private final RowKernel split;
  private final RowKernel rotate;
  private final RowKernel round;
  private final RowKernel transpose;

  private BackwardRowKernels(GpuSession gpu) {
    norm = RowKernel.load(gpu, "rms_norm_backward");
    swiglu = RowKernel.load(gpu, "swiglu_backward");
    split = RowKernel.load(gpu, "split_heads");
    rotate = RowKernel.load(gpu, "rotate_heads_backward");
    round = RowKernel.load(gpu, "round_rows");
    transpose = RowKernel.load(gpu, "transpose");
  }

  static BackwardRowKernels load(GpuSession gpu) {
    return new BackwardRowKernels(gpu);
  }

  /**
   * Queues the way back through a norm.
   *
   * @param x what was normalised, float
   * @param gradient of what came out, float
   * @param into that of x: written, or added to; may be the gradient itself
   */
  void normalize(
      GpuRows x, RowKernels.Norm of, GpuRows gradient, GpuRows into, MatrixMultiply.Before before) {
    norm.queue(
        x.count(),
        x.argument(),
        of.weight().argument(),
        gradient.argument(),
        into.argument(),
        KernelArgument.of(of.width()),
        KernelArgument.of(x.stride()),
        KernelArgument.of(gradient.stride()),
        KernelArgument.of(into.stride()),
        KernelArgument.of(before == MatrixMultiply.Before.ADDED_TO ? 1 : 0),
        KernelArgument.of((float) of.epsilon()));
  }

  /**
   * Queues the way back through g · σ(g) · u.
   *
   * @param gateAndUp float: g of all columns, then u
   * @param gradient of the product, float
   * @param into bf16: the gradients in the places of g and u
   */
  void swiglu(GpuRows gateAndUp, int columns, GpuRows gradient, GpuRows into) {
    swiglu.queue(
        gateAndUp.count(),
        gateAndUp.argument(),
        gradient.argument(),
        into.argument(),
        KernelArgument.of(columns),
        KernelArgument.of(gateAndUp.stride()),
        KernelArgument.of(gradient.stride()),
        KernelArgument.of(into.stride()));
  }

  /**
   * Queues the way back from the input of the output projection to the output of attention.
   *
   * @param rows float, one a token of the place
   * @param output of attention, bf16
   * @param gradient ∂L/∂O, laid out as the output, bf16; written
   * @param rowDot Σ of products of the two, [heads][tokens], float; written
   */
  void splitHeads(
      GpuRows rows,
      RowKernels.Place place,
      RowKernels.Heads heads,
      GpuBuffer output,
      GpuBuffer gradient,
      GpuBuffer rowDot) {
    split.queue(
        rows.count(),
        rows.argument(),
        output.argument(),
        gradient.argument(),
        rowDot.argument(),
        KernelArgument.of(rows.stride()),
        KernelArgument.of(place.first()),
        KernelArgument.of(place.tokens()),
        KernelArgument.of(heads.shape().queryHeads().count()),
        KernelArgument.of(heads.shape().headDim().count()),
        KernelArgument.of(heads.padded().count()));
  }

  /**
   * Queues the way back from rotated heads to projections.
   *
   * @param projections as they came forward, float; read where heads are normalised
   * @param into bf16, one row a token of the place
   */
  void rotate(
      AttentionGradients gradients,
      Optional<GpuRows> projections,
      RowKernels.Place place,
      RowKernels.Heads heads,
      RowKernels.HeadNorms norms,
      GpuRotary rotary,
      GpuRows into) {
    rotate.queue(
        into.count(),
        gradients.queries().argument(),
        gradients.keys().argument(),
        gradients.values().argument(),
        projections.map(GpuRows::argument).orElseGet(() -> KernelArgument.of(Optional.empty())),
        KernelArgument.of(norms.query()),
        KernelArgument.of(norms.key()),
        rotary.cosines().argument(),
        rotary.sines().argument(),
        into.argument(),
        KernelArgument.of(projections.map(GpuRows::stride).orElse(0)),
        KernelArgument.of(into.stride()),
        KernelArgument.of(place.first()),
        KernelArgument.of(place.tokens()),
        KernelArgument.of(heads.shape().queryHeads().count()),
        KernelArgument.of(heads.shape().kvHeads().count()),
        KernelArgument.of(heads.shape().headDim().count()),
        KernelArgument.of(heads.padded().count()),
        KernelArgument.of(rotary.pairs()),
        KernelArgument.of((float) norms.epsilon()));
  }

  /**
   * Queues the rounding of rows.
   *
   * @param x float
   * @param width real elements of a row
   * @param y bf16
   */
  void round(GpuRows x, int width, GpuRows y) {
    round.queue(
        x.count(),
        x.argument(),
        y.argument(),
        KernelArgument.of(width),
        KernelArgument.of(x.stride()),
        KernelArgument.of(y.stride()));
  }

  /**
   * Queues the transposition of a layer's weights.
   *
   * @param into where they go
   * @return the layer that takes gradients back; without a bias
   */
  GpuLinear transposed(GpuLinear layer, GpuBuffer into) {
    int outStride = GpuRows.operandStride(layer.outputs());
    transpose
        .kernel()
        .prepared(
            new Kernel.Grid(
                Math.ceilDiv(layer.inputs(), TRANSPOSE_SIDE),
                Math.ceilDiv(outStride, TRANSPOSE_SIDE),
                1),
            RowKernel.THREADS,
            layer.weights().argument(),
            into.argument(),
            KernelArgument.of(layer.outputs()),
            KernelArgument.of(layer.inputs()),
            KernelArgument.of(GpuRows.operandStride(layer.inputs())),
            KernelArgument.of(outStride))
        .queue();
    return new GpuLinear(into, Optional.empty(), layer.inputs(), layer.outputs());
  }

  @Override
  public void close() {
    norm.close();
    swiglu.close();
    split.close();
    rotate.close();
    round.close();
    transpose.close();
  }
}
