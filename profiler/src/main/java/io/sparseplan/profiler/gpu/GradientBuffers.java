package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.kernel.Activations;

/**
 * A GPU's memory for the way back of one prompt, beside the {@link PromptBuffers} of its way
 * forward: the residual stream before each layer, the gradient of the stream, and for a block of
 * rows what is wide.
 */
final class GradientBuffers implements AutoCloseable {
  /** Of the GPU's memory for what scores need for a while, more than they take at most. */
  private static final long RESERVED_BYTES = 4L << 30;

  private final LayerInputs layerInputs;
  private final GpuBuffer stream;
  private final GpuBuffer norms;
  private final GpuBuffer products;
  private final GpuBuffer rounded;
  private final GpuBuffer transposedProjections;
  private final GpuBuffer transposedOutput;
  private final GpuBuffer transposedGateAndUp;
  private final GpuBuffer transposedDown;
  private final AttentionGradients attention;
  private final ModelGeometry model;
  private final int tokens;

  /** Bytes of each buffer. */
  private record Sizes(
      long stream,
      long norms,
      long products,
      long rounded,
      long projections,
      long output,
      long gateAndUp,
      long down) {
    static Sizes of(ModelGeometry model, int tokens) {
      long block = Math.min(PromptBuffers.BLOCK_ROWS, tokens);
      AttentionShape shape = model.attention();
      int hidden = model.hiddenSize();
      int projections = shape.queryWidth() + 2 * shape.kvWidth();
      int gateAndUp = 2 * model.intermediateSize();
      return new Sizes(
          (long) Float.BYTES * tokens * GpuRows.productStride(hidden),
          Float.BYTES * block * GpuRows.productStride(hidden),
          Float.BYTES
              * block
              * GpuRows.productStride(Math.max(model.intermediateSize(), shape.queryWidth())),
          Short.BYTES * block * GpuRows.operandStride(Math.max(projections, gateAndUp)),
          GpuLinear.bytes(hidden, projections),
          GpuLinear.bytes(shape.queryWidth(), hidden),
          GpuLinear.bytes(hidden, gateAndUp),
          GpuLinear.bytes(model.intermediateSize(), hidden));
    }

    long all() {
      return stream + norms + products + rounded + projections + output + gateAndUp + down;
    }
  }

  /** Bytes that must be free on the GPU: all of them but for the layers' inputs. */
  static long bytes(ModelGeometry model, PrefillShape shape) {
    return Sizes.of(model, shape.grid().length().count()).all() + AttentionGradients.bytes(shape);
  }

  /** Bytes of the GPU's memory that stay free for what is allocated for a while. */
  static long reservedBytes(ModelGeometry model) {
    return RESERVED_BYTES + GpuVocabulary.gradientBytes(model);
  }

  /**
   * @param shape of the attention, heads padded
   * @throws BadInputException if the GPU's memory is too small; it says how much was needed
   */
  GradientBuffers(GpuSession gpu, ModelGeometry model, PrefillShape shape) {
    this.model = model;
    this.tokens = shape.grid().length().count();
    Sizes sizes = Sizes.of(model, tokens);
    gpu.requireFree("the way back of a prompt of %d tokens".formatted(tokens), bytes(model, shape));
    attention = AttentionGradients.allocate(gpu, shape);
    stream = gpu.allocate("the stream's gradient", sizes.stream);
    norms = gpu.allocate("the gradient of normalised rows", sizes.norms);
    products = gpu.allocate("gradients", sizes.products);
    rounded = gpu.allocate("rounded gradients", sizes.rounded);
    transposedProjections = gpu.allocate("transposed weights", sizes.projections);
    transposedOutput = gpu.allocate("transposed weights", sizes.output);
    transposedGateAndUp = gpu.allocate("transposed weights", sizes.gateAndUp);
    transposedDown = gpu.allocate("transposed weights", sizes.down);
    layerInputs =
        LayerInputs.allocate(gpu, model.layers().count(), sizes.stream, reservedBytes(model));
  }

  AttentionGradients attention() {
    return attention;
  }

  /** The residual stream before each layer, float. */
  LayerInputs layerInputs() {
    return layerInputs;
  }

  /** The gradient of the residual stream, float. */
  GpuRows stream() {
    return GpuRows.floats(stream, model.hiddenSize(), tokens);
  }

  /** A block of gradients of normalised rows, float. */
  GpuRows norms(int rows) {
    return GpuRows.floats(norms, model.hiddenSize(), rows);
  }

  /** A block of gradients, as wide as the MLP's activations or all query heads, float. */
  GpuRows products(int width, int rows) {
    return GpuRows.floats(products, width, rows);
  }

  /** A block of gradients of projections, bf16. */
  GpuRows rounded(int width, int rows) {
    return GpuRows.bf16(rounded, width, rows);
  }

  /** The layer's weights with inputs and outputs in each other's place. */
  Transposed transposed(GpuLayer weights, BackwardRowKernels kernels) {
    return new Transposed(
        kernels.transposed(weights.projections(), transposedProjections),
        kernels.transposed(weights.output(), transposedOutput),
        kernels.transposed(weights.gateAndUp(), transposedGateAndUp),
        kernels.transposed(weights.down(), transposedDown));
  }

  /** Valid until the next layer's. */
  record Transposed(GpuLinear projections, GpuLinear output, GpuLinear gateAndUp, GpuLinear down) {}

  /** Copies ∂L/∂(hidden states) to where those were. */
  static GpuRows upload(Activations stateGradient, PromptBuffers buffers) {
    GpuRows rows = buffers.states(stateGradient.stride());
    rows.buffer().upload(stateGradient.data(), rows.count() * rows.stride());
    return rows;
  }

  @Override
  public void close() {
    attention.close();
    layerInputs.close();
    stream.close();
    norms.close();
    products.close();
    rounded.close();
    transposedProjections.close();
    transposedOutput.close();
    transposedGateAndUp.close();
    transposedDown.close();
  }
}
