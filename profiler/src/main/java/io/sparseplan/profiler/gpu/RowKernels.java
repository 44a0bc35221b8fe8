package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadDim;
import java.util.Map;
import java.util.Optional;
import jcuda.Pointer;

/**
 * The steps of a layer between matrix products and attention, one thread block a row: {@code
 * rms_norm.cu}, {@code rotate_heads.cu}, {@code gather_heads.cu} and {@code swiglu.cu}.
 */
final class RowKernels implements AutoCloseable {
  private static final int THREADS = 256;

  private final KernelModule normModule;
  private final KernelModule rotateModule;
  private final KernelModule gatherModule;
  private final KernelModule swigluModule;
  private final Kernel norm;
  private final Kernel normFloat;
  private final Kernel rotate;
  private final Kernel gather;
  private final Kernel swiglu;

  private RowKernels(GpuSession gpu) {
    normModule = module(gpu, "rms_norm");
    rotateModule = module(gpu, "rotate_heads");
    gatherModule = module(gpu, "gather_heads");
    swigluModule = module(gpu, "swiglu");
    norm = normModule.kernel("rms_norm", 0);
    normFloat = normModule.kernel("rms_norm_float", 0);
    rotate = rotateModule.kernel("rotate_heads", 0);
    gather = gatherModule.kernel("gather_heads", 0);
    swiglu = swigluModule.kernel("swiglu", 0);
  }

  static RowKernels load(GpuSession gpu) {
    return new RowKernels(gpu);
  }

  private static KernelModule module(GpuSession gpu, String entry) {
    return gpu.load(gpu.image(new KernelChoice(entry + ".cu", Map.of())));
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
    Kernel kernel =
        switch (y.element()) {
          case BF16 -> this.norm;
          case FLOAT -> normFloat;
        };
    queue(
        kernel,
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
    queue(
        rotate,
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
    queue(
        gather,
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
    queue(
        swiglu,
        gateAndUp.count(),
        gateAndUp.argument(),
        y.argument(),
        KernelArgument.of(columns),
        KernelArgument.of(gateAndUp.stride()),
        KernelArgument.of(y.stride()));
  }

  private static void queue(Kernel kernel, int rows, Pointer... arguments) {
    kernel.prepared(new Kernel.Grid(rows, 1, 1), THREADS, arguments).queue();
  }

  @Override
  public void close() {
    normModule.close();
    rotateModule.close();
    gatherModule.close();
    swigluModule.close();
  }
}
