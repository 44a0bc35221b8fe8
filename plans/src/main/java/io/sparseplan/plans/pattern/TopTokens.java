package io.sparseplan.plans.pattern;

import java.util.Arrays;
import java.util.BitSet;

/** The tokens that score highest. */
final class TopTokens {
  private TopTokens() {}

  /**
   * As many tokens as wanted, or all; of equals the earlier. What scores −∞ is never taken.
   *
   * @param scores of the tokens from 0 on
   */
  static BitSet of(double[] scores, int wanted) {
    double[] ascending =
        Arrays.stream(scores).filter(score -> score != Double.NEGATIVE_INFINITY).sorted().toArray();
    int count = Math.min(wanted, ascending.length);
    var taken = new BitSet(scores.length);
    if (count == 0) {
      return taken;
    }
    double least = ascending[ascending.length - count];
    for (int token = 0; token < scores.length; token++) {
      taken.set(token, scores[token] > least);
    }
    int more = count - taken.cardinality();
    for (int token = 0; more > 0; token++) {
      if (scores[token] == least) {
        taken.set(token);
        more--;
      }
    }
    return taken;
  }
}
