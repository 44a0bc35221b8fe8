package io.sparseplan.profiler.objective;

import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.LaneSum;
import io.sparseplan.profiler.kernel.MicroKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loss of one position and its gradient by the logits.
 *
 * <p>All objectives have the same gradient but for a denominator: with w_j = e^(z_j ÷ T), y the
 * right token and W = Σ_{j ≠ y} w_j, it is w_j ÷ D for j ≠ y and −W ÷ D for y, over T. The
 * cross-entropy has D = W + w_y, the log-odds D = W. So the entry of y never comes from a
 * difference of almost equal numbers.
 *
 * @param vocabulary how many logits there are
 * @param positions how many positions the mean loss is over
 */
record ObjectiveRow(TokenLoss tokenLoss, int vocabulary, int positions) {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;
  private static final int LANES = MicroKernel.LANES;
  private static final double COOL = 4;

  /** The temperature that logits are divided by. */
  private double temperature() {
    return switch (tokenLoss) {
      case LOG_ODDS, CROSS_ENTROPY -> 1;
      case TEMPERED_CROSS_ENTROPY -> COOL;
    };
  }

  /**
   * Replaces logits by ∂(mean loss)/∂logits.
   *
   * @param data holds the logits from {@code at} on
   * @param right the token that follows, or the drawn one that stands for it
   * @return the position's loss, nats
   */
  double differentiate(float[] data, int at, int right) {
    double rightLogit = data[at + right] / temperature();
    data[at + right] = Float.NEGATIVE_INFINITY;
    float max = maximum(data, at);
    float scale = (float) (Exp2.LOG2_E / temperature());
    double others = exponentiate(data, at, max, scale);
    data[at + right] = 0;
    double logOthers = max / temperature() + Math.log(others);
    double odds = Math.exp(rightLogit - logOthers);
    double loss =
        switch (tokenLoss) {
          case LOG_ODDS -> logOthers - rightLogit;
          case CROSS_ENTROPY, TEMPERED_CROSS_ENTROPY -> logOthers - rightLogit + Math.log1p(odds);
        };
    double share =
        switch (tokenLoss) {
          case LOG_ODDS -> 1;
          case CROSS_ENTROPY, TEMPERED_CROSS_ENTROPY -> 1 / (1 + odds);
        };
    double unit = share / (temperature() * positions);
    multiply(data, at, (float) (unit / others));
    data[at + right] = (float) -unit;
    return loss;
  }

  /** The largest logit. */
  float maximum(float[] data, int at) {
    int bound = FloatLanes.bound(vocabulary);
    FloatVector maxima = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < bound; i += LANES) {
      maxima = maxima.max(FloatVector.fromArray(SPECIES, data, at + i));
    }
    float max = maxima.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < vocabulary; i++) {
      max = Math.max(max, data[at + i]);
    }
    return max;
  }

  private double exponentiate(float[] data, int at, float max, float scale) {
    int bound = FloatLanes.bound(vocabulary);
    double sum = 0;
    for (int first = 0; first < FloatLanes.WIDEST; first += LANES) {
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = first; i < bound; i += FloatLanes.WIDEST) {
        FloatVector weight =
            Exp2.of(FloatVector.fromArray(SPECIES, data, at + i).sub(max).mul(scale));
        weight.intoArray(data, at + i);
        sums = sums.add(weight);
      }
      sum = LaneSum.add(sum, sums);
    }
    for (int i = bound; i < vocabulary; i++) {
      data[at + i] = (float) Math.exp((data[at + i] - max) * (scale / Exp2.LOG2_E));
      sum += data[at + i];
    }
    return sum;
  }

  private void multiply(float[] data, int at, float factor) {
    for (int i = 0; i < vocabulary; i++) {
      data[at + i] *= factor;
    }
  }
}
