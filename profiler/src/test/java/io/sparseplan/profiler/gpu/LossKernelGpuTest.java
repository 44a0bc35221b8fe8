package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.profiler.objective.LossTargets;
import io.sparseplan.profiler.objective.TokenLoss;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of logits and their gradients, against the same in float64. */
@GpuTest
class LossKernelGpuTest {
  private static final int ROWS = 60;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  @ParameterizedTest(name = "{0} tokens")
  @ValueSource(ints = {2, 33, 1024, 1025, 5003, 128_256})
  void lossesLabelsAndGradientsAreThoseOfTheLogits(int size) {
    int stride = GpuRows.productStride(size);
    int gradientStride = GpuRows.operandStride(size);
    float[] logits = new float[ROWS * stride];
    LossTargets targets = targets(size, logits, stride);
    short[] gradients = new short[ROWS * gradientStride];
    LossKernel.Found found;
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        LossKernel kernel = LossKernel.load(gpu);
        GpuBuffer ofLogits = gpu.allocate("logits", 4L * logits.length);
        GpuBuffer ofGradients = gpu.allocate("gradients", 2L * gradients.length)) {
      ofLogits.upload(logits);
      ofGradients.poison();
      found =
          kernel.differentiate(
              targets,
              0,
              GpuRows.floats(ofLogits, size, ROWS),
              size,
              GpuRows.bf16(ofGradients, size, ROWS));
      ofGradients.download(gradients);
    }
    for (int row = 0; row < ROWS; row++) {
      float[] of = Arrays.copyOfRange(logits, row * stride, row * stride + size);
      int label = found.labels()[row];
      if (targets.labels()[row] == LossTargets.DRAWN) {
        assertDrawn(of, targets.draws()[row], label);
      } else {
        assertThat(label).isEqualTo(targets.labels()[row]);
      }
      double[] want = gradient(of, label, targets.losses()[row]);
      double loss = loss(of, label, targets.losses()[row]);
      assertThat(found.losses()[row])
          .as("loss of row %d, seed %d", row, seed)
          .isCloseTo(loss, within(1e-5 * (1 + Math.abs(loss))));
      double largest = Arrays.stream(want).map(Math::abs).max().orElseThrow();
      for (int token = 0; token < gradientStride; token++) {
        double wanted = token < size ? want[token] : 0;
        // Half a unit in the last of bf16's eight places.
        assertThat((double) Bf16.toFloat(gradients[row * gradientStride + token]))
            .as("token %d of row %d, seed %d", token, row, seed)
            .isCloseTo(wanted, within(0.004 * Math.abs(wanted) + 1e-12 * largest));
      }
    }
  }

  /** Every third row is drawn; some rows are next to certain. */
  private LossTargets targets(int size, float[] logits, int stride) {
    int[] labels = new int[ROWS];
    double[] draws = new double[ROWS];
    var losses = new TokenLoss[ROWS];
    for (int row = 0; row < ROWS; row++) {
      for (int token = 0; token < size; token++) {
        logits[row * stride + token] = (float) (6 * random.nextDouble() - 3);
      }
      labels[row] = row % 3 == 0 ? LossTargets.DRAWN : random.nextInt(size);
      draws[row] = random.nextDouble();
      losses[row] =
          labels[row] == LossTargets.DRAWN
              ? TokenLoss.CROSS_ENTROPY
              : TokenLoss.values()[random.nextInt(3)];
      if (row % 5 == 0) {
        logits[row * stride + Math.max(0, labels[row])] = 25;
      }
    }
    return new LossTargets(IntStream.range(0, ROWS).toArray(), labels, draws, losses);
  }

  /** What comes before the token is at most the share of all, and with the token at least. */
  private void assertDrawn(float[] logits, double share, int token) {
    double before = 0;
    double all = 0;
    for (int at = 0; at < logits.length; at++) {
      all += Math.exp(logits[at]);
      before += at < token ? Math.exp(logits[at]) : 0;
    }
    double slack = 1e-6;
    assertThat(before / all).as("seed %d", seed).isLessThanOrEqualTo(share + slack);
    assertThat((before + Math.exp(logits[token])) / all)
        .as("seed %d", seed)
        .isGreaterThanOrEqualTo(share - slack);
  }

  private static double temperature(TokenLoss loss) {
    return loss == TokenLoss.TEMPERED_CROSS_ENTROPY ? 4 : 1;
  }

  private static double others(float[] logits, int label, double temperature) {
    double sum = 0;
    for (int token = 0; token < logits.length; token++) {
      sum += token == label ? 0 : Math.exp(logits[token] / temperature);
    }
    return sum;
  }

  private static double loss(float[] logits, int label, TokenLoss loss) {
    double temperature = temperature(loss);
    double own = Math.exp(logits[label] / temperature);
    double others = others(logits, label, temperature);
    return Math.log(loss == TokenLoss.LOG_ODDS ? others : others + own)
        - logits[label] / temperature;
  }

  private static double[] gradient(float[] logits, int label, TokenLoss loss) {
    double temperature = temperature(loss);
    double own = Math.exp(logits[label] / temperature);
    double others = others(logits, label, temperature);
    double denominator = (loss == TokenLoss.LOG_ODDS ? others : others + own) * temperature * ROWS;
    double[] gradient = new double[logits.length];
    Arrays.setAll(
        gradient,
        token -> (token == label ? -others : Math.exp(logits[token] / temperature)) / denominator);
    return gradient;
  }
}
