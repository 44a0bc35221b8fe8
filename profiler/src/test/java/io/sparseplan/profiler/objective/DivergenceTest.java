package io.sparseplan.profiler.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Why drawn labels tell the divergence: for a small change δ of the logits, ½·E[⟨∇, δ⟩²] over
 * labels y that are drawn from the prediction is KL(before ‖ after) to second order. The
 * expectation is taken exactly, over all labels.
 */
final class DivergenceTest {
  private static final int VOCABULARY = 19;

  @Test
  void halfTheSquareOfTheGradientIsTheDivergence() {
    var random = new Random(7);
    float[] logits = new float[VOCABULARY];
    double[] change = new double[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      logits[i] = (float) (2 * random.nextGaussian());
      change[i] = 1e-3 * random.nextGaussian();
    }
    double[] before = softmax(logits, new double[VOCABULARY]);
    double[] after = softmax(logits, change);
    double divergence = 0;
    double expected = 0;
    for (int label = 0; label < VOCABULARY; label++) {
      divergence += before[label] * Math.log(before[label] / after[label]);
      float[] gradient = logits.clone();
      new ObjectiveRow(TokenLoss.CROSS_ENTROPY, VOCABULARY, 1).differentiate(gradient, 0, label);
      double firstOrder = 0;
      for (int i = 0; i < VOCABULARY; i++) {
        firstOrder += gradient[i] * change[i];
      }
      expected += before[label] * 0.5 * firstOrder * firstOrder;
    }
    assertThat(expected).isCloseTo(divergence, within(0.01 * divergence));
  }

  private static double[] softmax(float[] logits, double[] change) {
    double[] shares = new double[logits.length];
    double all = 0;
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.exp(logits[i] + change[i]);
      all += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= all;
    }
    return shares;
  }
}
