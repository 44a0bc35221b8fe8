package io.sparseplan.profiler.objective;

import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.MicroKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * KL(p ‖ q) of one position and its gradient by the logits of q, which is q − p.
 *
 * @param vocabulary how many logits there are
 * @param positions how many positions the mean is over
 */
record DivergenceRow(int vocabulary, int positions) {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  /**
   * Replaces logits of q by ∂(mean KL)/∂logits.
   *
   * @param p holds the logits of p from {@code pAt} on
   * @param q holds those of q from {@code at} on; overwritten there
   * @return KL(p ‖ q) of the position, nats; rounding below 0 is cut off
   */
  double differentiate(float[] p, int pAt, float[] q, int at) {
    var ofP = new LogitRow(p, pAt, vocabulary);
    var ofQ = new LogitRow(q, at, vocabulary);
    double normaliserOfP = ofP.logSumExp();
    double normaliserOfQ = ofQ.logSumExp();
    double divergence = ofP.klTo(ofQ, normaliserOfP, normaliserOfQ);
    float logP = (float) normaliserOfP;
    float logQ = (float) normaliserOfQ;
    float share = 1f / positions;
    int bound = FloatLanes.bound(vocabulary);
    for (int i = 0; i < bound; i += MicroKernel.LANES) {
      probabilities(q, at + i, logQ)
          .sub(probabilities(p, pAt + i, logP))
          .mul(share)
          .intoArray(q, at + i);
    }
    for (int i = bound; i < vocabulary; i++) {
      q[at + i] = (float) ((Math.exp(q[at + i] - logQ) - Math.exp(p[pAt + i] - logP)) * share);
    }
    return divergence;
  }

  private static FloatVector probabilities(float[] logits, int at, float logSumExp) {
    return Exp2.of(
        FloatVector.fromArray(SPECIES, logits, at).sub(logSumExp).min(0).mul(Exp2.LOG2_E));
  }
}
