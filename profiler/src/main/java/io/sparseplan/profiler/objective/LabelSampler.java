package io.sparseplan.profiler.objective;

import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.prompt.Prompt;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Draws for each position of a prompt a token from the model's own prediction. The draw depends on
 * the prompt's tokens, the position and the logits alone. One worker's scratch.
 */
final class LabelSampler {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final LabelDraws draws;
  private final float[] weights;

  /**
   * @param vocabulary how many logits there are
   */
  LabelSampler(Prompt prompt, int vocabulary) {
    this.draws = LabelDraws.of(prompt);
    this.weights = new float[vocabulary];
  }

  /**
   * @param data holds the logits from {@code at} on
   * @param max the largest of them
   * @return a token, each with the probability of the softmax of the logits
   */
  int draw(int position, float[] data, int at, float max) {
    int bound = FloatLanes.bound(weights.length);
    for (int i = 0; i < bound; i += SPECIES.length()) {
      FloatVector x = FloatVector.fromArray(SPECIES, data, at + i).sub(max).mul(Exp2.LOG2_E);
      Exp2.of(x).intoArray(weights, i);
    }
    for (int i = bound; i < weights.length; i++) {
      weights[i] = (float) Math.exp(data[at + i] - max);
    }
    double all = 0;
    for (float weight : weights) {
      all += weight;
    }
    double left = draws.share(position) * all;
    int token = -1;
    while (left >= 0 && token < weights.length - 1) {
      left -= weights[++token];
    }
    return token;
  }
}
