package io.sparseplan.profiler.gpu;

import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.StoredModel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

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
      int stride = GpuRows.operandStride(head.inputs());
      workers.forEach(
          count,
          (row, worker) -> {
            for (int i = 0; i < head.inputs(); i++) {
              rounded[row * stride + i] = Bf16.of(all.data()[all.at(from + row) + i]);
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

  @Override
  public void close() {
    head.close();
    module.close();
    multiply.close();
  }
}
