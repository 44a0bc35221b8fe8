package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import java.util.Optional;

/**
 * The steps of a layer between matrix products and attention, one thread block a row: {@code
 * rms_norm.cu}, {@code rotate_heads.cu}, {@code gather_heads.cu} and {@code swiglu.cu}.
 */
final class RowKernels implements AutoCloseable {
  private final RowKernel norm;
  private final RowKernel normFloat;
  private final RowKernel rotate;
  private final RowKernel gather;
  private final RowKernel swiglu;

  private RowKernels(GpuSession gpu) {
    norm = RowKernel.load(gpu, "rms_norm");
    normFloat = norm.beside("rms_norm_float");
    rotate = RowKernel.load(gpu, "rotate_heads");
    gather = RowKernel.load(gpu, "gather_heads");
    swiglu = RowKernel.load(gpu, "swiglu");
  }

  static RowKernels load(GpuSession gpu) {
    return new RowKernels(gpu);
  }

  /**
   * A norm's weights.
   *
   * @param firstBad one int: lowered to the first row that is not finite
   */
  record Norm(GpuBuffer weight, int width, double epsilon, GpuBuffer firstBad) {}

  /**
   * Queues y = RMSNorm(x).
   *
   * @param x float
   * @param y bf16 or float
   */
  void normalize(GpuRows x, Norm norm, GpuRows y) {
    RowKernel kernel =
        switch (y.element()) {
          case BF16 -> this.norm;
          case FLOAT -> normFloat;
        };
    kernel.queue(
        x.count(),
        x.argument(),
        norm.weight().argument(),
        y.argument(),
        norm.firstBad().argument(),
        KernelArgument.of(norm.width()),
        KernelArgument.of(x.stride()),
        KernelArgument.of(y.stride()),
        KernelArgument.of((float) norm.epsilon()));
  }

  /**
   * What heads are made of, and what kernels take them for.
   *
   * @param padded the head_dim that the attention kernel is compiled for
   */
  record Heads(AttentionShape shape, HeadDim padded) {
    /** The attention kernel divides scores by the root of the padded head_dim. */
    float queryFactor() {
      return (float) Math.sqrt((double) padded.count() / shape.headDim().count());
    }
  }

  /**
   * The norms of a layer's heads, each head by itself.
   *
   * @param query none where query heads are not normalised; likewise the keys'
   */
  record HeadNorms(Optional<GpuBuffer> query, Optional<GpuBuffer> key, double epsilon) {}

  /**
   * Which tokens of a prompt a block of rows is of.
   *
   * @param first token of the block
   * @param tokens of the prompt
   */
  record Place(int first, int tokens) {}

  /**
   * Queues the step from projections to rotated heads.
   *
   * @param projections float, one row a token of the place
   */
  void rotate(
      GpuRows projections,
      Place place,
      Heads heads,
      HeadNorms norms,
      GpuRotary rotary,
      PrefillBuffers into) {
    rotate.queue(
        projections.count(),
        projections.argument(),
        KernelArgument.of(norms.query()),
        KernelArgument.of(norms.key()),
        rotary.cosines().argument(),
        rotary.sines().argument(),
        into.queries().argument(),
        into.keys().argument(),
        into.values().argument(),
        KernelArgument.of(projections.stride()),
        KernelArgument.of(place.first()),
        KernelArgument.of(place.tokens()),
        KernelArgument.of(heads.shape().queryHeads().count()),
        KernelArgument.of(heads.shape().kvHeads().count()),
        KernelArgument.of(heads.shape().headDim().count()),
        KernelArgument.of(heads.padded().count()),
        KernelArgument.of(rotary.pairs()),
        KernelArgument.of((float) norms.epsilon()),
        KernelArgument.of(heads.queryFactor()));
  }

  /**
   * Queues the step from attention's output to the rows of the output projection.
   *
   * @param which an int a token: 0 leaves its row as it is; all are written where there is none
   * @param rows bf16, one a token
   */
  void gather(GpuBuffer output, Heads heads, Optional<GpuBuffer> which, GpuRows rows) {
    gather.queue(
        rows.count(),
        output.argument(),
        KernelArgument.of(which),
        rows.argument(),
        KernelArgument.of(rows.count()),
        KernelArgument.of(heads.shape().queryHeads().count()),
        KernelArgument.of(heads.shape().headDim().count()),
        KernelArgument.of(heads.padded().count()),
        KernelArgument.of(rows.stride()));
  }

  /**
   * Queues y = g · σ(g) · u.
   *
   * @param gateAndUp float: g of all columns, then u
   * @param y bf16
   */
  void swiglu(GpuRows gateAndUp, int columns, GpuRows y) {
    swiglu.queue(
        gateAndUp.count(),
        gateAndUp.argument(),
        y.argument(),
        KernelArgument.of(columns),
        KernelArgument.of(gateAndUp.stride()),
        KernelArgument.of(y.stride()));
  }

  @Override
  public void close() {
    norm.close();
    rotate.close();
    gather.close();
    swiglu.close();
  }
}
