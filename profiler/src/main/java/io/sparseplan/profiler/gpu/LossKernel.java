package io.sparseplan.profiler.gpu;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.profiler.objective.LossTargets;
import io.sparseplan.profiler.objective.TokenLoss;
import java.util.Arrays;
import java.util.Map;

/** Losses of rows of logits and their gradients: {@code loss_gradient.cu}. */
final class LossKernel implements AutoCloseable {
  private static final int THREADS = 256;

  /** The kernel sums up as many chunks of as many tokens. */
  private static final int MOST_TOKENS = 1024 * 1024;

  private final GpuSession gpu;
  private final KernelModule module;
  private final Kernel kernel;

  private LossKernel(GpuSession gpu, KernelModule module) {
    this.gpu = gpu;
    this.module = module;
    this.kernel = module.kernel("loss_gradient", 0);
  }

  static LossKernel load(GpuSession gpu) {
    return new LossKernel(gpu, gpu.load(gpu.image(new KernelChoice("loss_gradient.cu", Map.of()))));
  }

  /**
   * Some rows' losses, in nats, and the tokens that they were measured by.
   *
   * @param labels of the targets, or drawn
   */
  record Found(double[] losses, int[] labels) {}

  /**
   * Differentiates the mean loss of all targets by some of their logits.
   *
   * @param first target that has a row
   * @param logits float, a row each of the targets from that on
   * @param size of the vocabulary
   * @param gradients bf16, as many rows; written, zeros after the vocabulary
   * @throws BadInputException if the vocabulary is too large
   */
  Found differentiate(LossTargets targets, int first, GpuRows logits, int size, GpuRows gradients) {
    if (size > MOST_TOKENS) {
      throw new BadInputException(
          "The vocabulary (%d tokens) exceeds %d, the largest whose losses are taken on a GPU."
              .formatted(size, MOST_TOKENS),
          "run it with --backend cpu.");
    }
    int count = logits.count();
    int[] labels = Arrays.copyOfRange(targets.labels(), first, first + count);
    double[] losses = new double[count];
    int[] kinds = new int[count];
    Arrays.setAll(kinds, row -> kind(targets.losses()[first + row]));
    try (GpuBuffer ofLabels = gpu.allocate("labels", (long) Integer.BYTES * count);
        GpuBuffer ofDraws = gpu.allocate("draws", (long) Double.BYTES * count);
        GpuBuffer ofKinds = gpu.allocate("kinds of losses", (long) Integer.BYTES * count);
        GpuBuffer ofLosses = gpu.allocate("losses", (long) Double.BYTES * count)) {
      ofLabels.upload(labels);
      ofDraws.upload(Arrays.copyOfRange(targets.draws(), first, first + count));
      ofKinds.upload(kinds);
      kernel
          .prepared(
              new Kernel.Grid(count, 1, 1),
              THREADS,
              logits.argument(),
              ofLabels.argument(),
              ofDraws.argument(),
              ofKinds.argument(),
              gradients.argument(),
              ofLosses.argument(),
              KernelArgument.of(size),
              KernelArgument.of(logits.stride()),
              KernelArgument.of(gradients.stride()),
              KernelArgument.of(targets.count()))
          .queue();
      ofLosses.download(losses);
      ofLabels.download(labels);
    }
    return new Found(losses, labels);
  }

  /** As the kernel counts them. */
  private static int kind(TokenLoss loss) {
    return switch (loss) {
      case LOG_ODDS -> 0;
      case CROSS_ENTROPY -> 1;
      case TEMPERED_CROSS_ENTROPY -> 2;
    };
  }

  @Override
  public void close() {
    module.close();
  }
}
