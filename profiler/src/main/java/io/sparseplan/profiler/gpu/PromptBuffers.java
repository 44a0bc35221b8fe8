package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import java.util.List;

/**
 * A GPU's memory for the layers of one prompt. What is wide is there for a block of rows only, and
 * the blocks of a layer go through it one after the other.
 */
final class PromptBuffers implements AutoCloseable {
  /** Rows of a block: enough to fill the GPU, and few beside a long prompt. */
  static final int BLOCK_ROWS = 8192;

  private final GpuBuffer stream;
  private final GpuBuffer states;
  private final GpuBuffer attended;
  private final GpuBuffer normed;
  private final GpuBuffer wide;
  private final GpuBuffer activated;
  private final GpuBuffer firstBad;
  private final PrefillBuffers attention;
  private final ModelGeometry model;
  private final int tokens;

  /** Bytes of each buffer. */
  private record Sizes(
      long stream, long states, long attended, long normed, long wide, long activated) {
    static Sizes of(ModelGeometry model, int tokens) {
      int stateStride = new Activations(new TokenRows(0), model.hiddenSize()).stride();
      long block = Math.min(BLOCK_ROWS, tokens);
      AttentionShape shape = model.attention();
      int projections = shape.queryWidth() + 2 * shape.kvWidth();
      int gateAndUp = 2 * model.intermediateSize();
      return new Sizes(
          (long) Float.BYTES * tokens * GpuRows.productStride(model.hiddenSize()),
          (long) Float.BYTES * tokens * stateStride,
          (long) Short.BYTES * tokens * GpuRows.operandStride(shape.queryWidth()),
          Short.BYTES * block * GpuRows.operandStride(model.hiddenSize()),
          Float.BYTES * block * GpuRows.productStride(Math.max(projections, gateAndUp)),
          Short.BYTES * block * GpuRows.operandStride(model.intermediateSize()));
    }

    long all() {
      return stream + states + attended + normed + wide + activated;
    }
  }

  private PromptBuffers(GpuSession gpu, ModelGeometry model, PrefillShape shape) {
    this.model = model;
    this.tokens = shape.grid().length().count();
    Sizes sizes = Sizes.of(model, tokens);
    gpu.requireFree("a prompt of %d tokens".formatted(tokens), bytes(model, shape));
    this.attention = PrefillBuffers.allocate(gpu, List.of(shape));
    this.stream = gpu.allocate("the residual stream", sizes.stream);
    this.states = gpu.allocate("the hidden states", sizes.states);
    this.attended = gpu.allocate("the attention output", sizes.attended);
    this.normed = gpu.allocate("normalised rows", sizes.normed);
    this.wide = gpu.allocate("the projections", sizes.wide);
    this.activated = gpu.allocate("the activations", sizes.activated);
    this.firstBad = gpu.allocate("a number", Integer.BYTES);
    firstBad.upload(new int[] {Integer.MAX_VALUE});
  }

  /** Bytes of all of them. */
  static long bytes(ModelGeometry model, PrefillShape shape) {
    return Sizes.of(model, shape.grid().length().count()).all() + PrefillBuffers.bytes(shape);
  }

  /**
   * @param shape of the attention, heads padded
   */
  static PromptBuffers allocate(GpuSession gpu, ModelGeometry model, PrefillShape shape) {
    return new PromptBuffers(gpu, model, shape);
  }

  PrefillBuffers attention() {
    return attention;
  }

  /** The residual stream, float. */
  GpuRows stream() {
    return GpuRows.floats(stream, model.hiddenSize(), tokens);
  }

  /**
   * Hidden states after the last norm, or their gradient, float.
   *
   * @param stride that of {@link Activations} of hidden states
   */
  GpuRows states(int stride) {
    return new GpuRows(states, GpuRows.Element.FLOAT, stride, 0, tokens);
  }

  /** The heads of each token side by side, bf16. */
  GpuRows attended() {
    return GpuRows.bf16(attended, model.attention().queryWidth(), tokens);
  }

  /** A block of normalised rows, bf16. */
  GpuRows normed(int rows) {
    return GpuRows.bf16(normed, model.hiddenSize(), rows);
  }

  /** A block of products, float. */
  GpuRows wide(int width, int rows) {
    return GpuRows.floats(wide, width, rows);
  }

  /** A block of what the MLP's last layer reads, bf16. */
  GpuRows activated(int rows) {
    return GpuRows.bf16(activated, model.intermediateSize(), rows);
  }

  /** One int: the first token whose residual stream was not finite, or the largest int. */
  GpuBuffer firstBad() {
    return firstBad;
  }

  @Override
  public void close() {
    attention.close();
    stream.close();
    states.close();
    attended.close();
    normed.close();
    wide.close();
    activated.close();
    firstBad.close();
  }
}
