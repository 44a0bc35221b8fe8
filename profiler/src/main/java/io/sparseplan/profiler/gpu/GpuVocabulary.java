package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.model.ModelGeometry;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Activations.TokenRows;
import io.sparseplan.profiler.llama.StoredModel;
import io.sparseplan.profiler.objective.LossGradient;
import io.sparseplan.profiler.objective.LossTargets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The output layer on a GPU, a block of rows at a time, and what its logits say ({@code
 * token_scores.cu}): logits of all tokens never exist at once, and never leave the GPU.
 */
public final class GpuVocabulary implements AutoCloseable {
  /** Bytes of one block of logits, about. */
  private static final long BLOCK_BYTES = 1L << 28;

  private static final int THREADS = 256;

  private final GpuSession gpu;
  private final Workers workers;
  private final MatrixMultiply multiply;
  private final KernelModule module;
  private final Kernel scores;
  private final Kernel divergence;
  private final GpuLinear head;
  private final int blockRows;

  /**
   * What the logits of a prompt say of each next token.
   *
   * @param loss −ln of the probability of the token that follows, nats
   * @param right whether that token has the largest logit
   */
  public record Scores(double[] loss, BitSet right) {}

  /**
   * @param gpu stays open as long as this
   */
  public GpuVocabulary(GpuSession gpu, StoredModel model, Workers workers) {
    this.gpu = gpu;
    this.workers = workers;
    this.multiply = MatrixMultiply.load(gpu);
    this.module = gpu.load(gpu.image(new KernelChoice("token_scores.cu", Map.of())));
    this.scores = module.kernel("token_scores", 0);
    this.divergence = module.kernel("divergence", 0);
    this.head = GpuLinear.upload(gpu, model.head(), workers);
    long rowBytes = (long) Float.BYTES * GpuRows.productStride(head.outputs());
    this.blockRows = (int) Math.clamp(BLOCK_BYTES / rowBytes, 1, PromptBuffers.BLOCK_ROWS);
  }

  /** Bytes of the GPU's memory that {@link #lossGradient} takes for a while, at most. */
  static long gradientBytes(ModelGeometry model) {
    return GpuLinear.bytes(model.hiddenSize(), model.vocabularySize()) + 4 * BLOCK_BYTES;
  }

  /** The rows of logits of one block, and the memory that they are computed from. */
  private final class Logits implements AutoCloseable {
    private final GpuBuffer states;
    private final GpuBuffer values;
    private final short[] rounded;

    Logits(int rows) {
      int stride = GpuRows.operandStride(head.inputs());
      rounded = new short[rows * stride];
      states = gpu.allocate("hidden states", (long) Short.BYTES * rounded.length);
      values =
          gpu.allocate(
              "logits of %d tokens".formatted(rows),
              (long) Float.BYTES * rows * GpuRows.productStride(head.outputs()));
    }

    GpuRows of(Activations all, int from, int count) {
      return of(all, IntStream.range(from, from + count).toArray());
    }

    /** Of the hidden states of these tokens. */
    GpuRows of(Activations all, int[] tokens) {
      int count = tokens.length;
      int stride = GpuRows.operandStride(head.inputs());
      workers.forEach(
          count,
          (row, worker) -> {
            for (int i = 0; i < head.inputs(); i++) {
              rounded[row * stride + i] = Bf16.of(all.data()[all.at(tokens[row]) + i]);
            }
          });
      states.upload(rounded, count * stride, 0);
      GpuRows logits = GpuRows.floats(values, head.outputs(), count);
      multiply.queue(
          GpuRows.bf16(states, head.inputs(), count),
          head,
          logits,
          MatrixMultiply.Before.OVERWRITTEN);
      return logits;
    }

    @Override
    public void close() {
      states.close();
      values.close();
    }
  }

  /**
   * Scores a prompt; entry t is about token t + 1.
   *
   * @param states hidden states after the last norm
   */
  public Scores scores(Activations states, int[] ids) {
    int positions = ids.length - 1;
    int block = Math.clamp(positions, 1, blockRows);
    double[] loss = new double[positions];
    var right = new BitSet(positions);
    try (var logits = new Logits(block);
        GpuBuffer targets = gpu.allocate("the next tokens", (long) Integer.BYTES * block);
        GpuBuffer losses = gpu.allocate("losses", (long) Double.BYTES * block);
        GpuBuffer rights = gpu.allocate("hits", (long) Integer.BYTES * block)) {
      for (int from = 0; from < positions; from += block) {
        int count = Math.min(block, positions - from);
        GpuRows rows = logits.of(states, from, count);
        targets.upload(Arrays.copyOfRange(ids, from + 1, from + 1 + count));
        scores
            .prepared(
                new Kernel.Grid(count, 1, 1),
                THREADS,
                rows.argument(),
                targets.argument(),
                losses.argument(),
                rights.argument(),
                KernelArgument.of(head.outputs()),
                KernelArgument.of(rows.stride()))
            .queue();
        double[] ofBlock = new double[count];
        int[] hits = new int[count];
        losses.download(ofBlock);
        rights.download(hits);
        for (int row = 0; row < count; row++) {
          loss[from + row] = ofBlock[row];
          right.set(from + row, hits[row] != 0);
        }
      }
    }
    return new Scores(loss, right);
  }

  /** KL(dense ‖ other) at each position that predicts a token, nats. */
  public double[] divergence(Activations dense, Activations other) {
    int positions = dense.tokens() - 1;
    int block = Math.clamp(positions, 1, blockRows);
    double[] all = new double[positions];
    try (var first = new Logits(block);
        var second = new Logits(block);
        GpuBuffer divergences = gpu.allocate("divergences", (long) Double.BYTES * block)) {
      for (int from = 0; from < positions; from += block) {
        int count = Math.min(block, positions - from);
        GpuRows p = first.of(dense, from, count);
        GpuRows q = second.of(other, from, count);
        divergence
            .prepared(
                new Kernel.Grid(count, 1, 1),
                THREADS,
                p.argument(),
                q.argument(),
                divergences.argument(),
                KernelArgument.of(head.outputs()),
                KernelArgument.of(p.stride()))
            .queue();
        double[] ofBlock = new double[count];
        divergences.download(ofBlock);
        System.arraycopy(ofBlock, 0, all, from, count);
      }
    }
    return all;
  }

  /**
   * The loss of a prompt and its gradient by the hidden states.
   *
   * @param states hidden states after the last norm
   */
  public LossGradient lossGradient(LossTargets targets, Activations states) {
    int block = Math.clamp(targets.count(), 1, blockRows);
    int outputs = head.outputs();
    int inputs = head.inputs();
    var gradient = new Activations(new TokenRows(states.tokens()), states.width());
    double loss = 0;
    try (var kernel = LossKernel.load(gpu);
        var kernels = BackwardRowKernels.load(gpu);
        GpuBuffer turned =
            gpu.allocate("the transposed output layer", GpuLinear.bytes(inputs, outputs));
        var logits = new Logits(block);
        GpuBuffer ofLogits =
            gpu.allocate(
                "gradients of logits",
                (long) Short.BYTES * block * GpuRows.operandStride(outputs));
        GpuBuffer ofStates =
            gpu.allocate(
                "gradients of hidden states",
                (long) Float.BYTES * block * GpuRows.productStride(inputs))) {
      GpuLinear back = kernels.transposed(head, turned);
      float[] rows = new float[block * GpuRows.productStride(inputs)];
      for (int from = 0; from < targets.count(); from += block) {
        int[] part =
            Arrays.copyOfRange(targets.positions(), from, Math.min(from + block, targets.count()));
        GpuRows ofPart = GpuRows.bf16(ofLogits, outputs, part.length);
        LossKernel.Found found =
            kernel.differentiate(targets, from, logits.of(states, part), outputs, ofPart);
        loss += Arrays.stream(found.losses()).sum();
        GpuRows taken = GpuRows.floats(ofStates, inputs, part.length);
        multiply.queue(ofPart, back, taken, MatrixMultiply.Before.OVERWRITTEN);
        ofStates.download(rows, part.length * taken.stride());
        workers.forEach(
            part.length,
            (row, worker) ->
                System.arraycopy(
                    rows, row * taken.stride(), gradient.data(), gradient.at(part[row]), inputs));
      }
    }
    return new LossGradient(loss / targets.count(), gradient);
  }

  @Override
  public void close() {
    head.close();
    module.close();
    multiply.close();
  }
}
