package io.sparseplan.profiler.objective;

import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.LaneSum;
import io.sparseplan.profiler.kernel.MicroKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The logits of one position.
 *
 * @param data holds them from {@code at} on
 * @param size tokens of the vocabulary
 */
public record LogitRow(float[] data, int at, int size) {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;
  private static final int LANES = MicroKernel.LANES;

  public float logit(int token) {
    return data[at + token];
  }

  /** The token with the largest logit, the first of equals. */
  public int argMax() {
    int best = 0;
    for (int token = 1; token < size; token++) {
      if (data[at + token] > data[at + best]) {
        best = token;
      }
    }
    return best;
  }

  /** ln Σ e^logit. */
  public double logSumExp() {
    int bound = FloatLanes.bound(size);
    float max = Float.NEGATIVE_INFINITY;
    FloatVector maxima = FloatVector.broadcast(SPECIES, max);
    for (int i = 0; i < bound; i += LANES) {
      maxima = maxima.max(FloatVector.fromArray(SPECIES, data, at + i));
    }
    max = maxima.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < size; i++) {
      max = Math.max(max, data[at + i]);
    }
    double sum = 0;
    for (int first = 0; first < FloatLanes.WIDEST; first += LANES) {
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = first; i < bound; i += FloatLanes.WIDEST) {
        FloatVector x = FloatVector.fromArray(SPECIES, data, at + i).sub(max);
        sums = sums.add(Exp2.of(x.mul(Exp2.LOG2_E)));
      }
      sum = LaneSum.add(sum, sums);
    }
    for (int i = bound; i < size; i++) {
      sum += Math.exp(data[at + i] - max);
    }
    return max + Math.log(sum);
  }

  /** KL(this ‖ other) = Σ p · (ln p − ln q), nats; rounding below 0 is cut off. */
  public double klTo(LogitRow other) {
    return klTo(other, logSumExp(), other.logSumExp());
  }

  /** Likewise, where the {@link #logSumExp} of both is known. */
  double klTo(LogitRow other, double ownNormaliser, double otherNormaliser) {
    float shift = (float) ownNormaliser;
    int bound = FloatLanes.bound(size);
    double difference = 0;
    for (int first = 0; first < FloatLanes.WIDEST; first += LANES) {
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = first; i < bound; i += FloatLanes.WIDEST) {
        FloatVector own = FloatVector.fromArray(SPECIES, data, at + i);
        FloatVector p = Exp2.of(own.sub(shift).min(0).mul(Exp2.LOG2_E));
        sums = p.fma(own.sub(FloatVector.fromArray(SPECIES, other.data, other.at + i)), sums);
      }
      difference = LaneSum.add(difference, sums);
    }
    for (int i = bound; i < size; i++) {
      double p = Math.exp(data[at + i] - ownNormaliser);
      difference += p * (data[at + i] - other.data[other.at + i]);
    }
    return Math.max(0, difference - ownNormaliser + otherNormaliser);
  }
}
