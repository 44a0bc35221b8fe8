package io.sparseplan.search.problem;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Workload;
import io.sparseplan.plans.refinement.PromptChanges;
import java.util.Arrays;
import java.util.List;

/**
 * What candidates lose by what single changes of a plan do. A search wants losses that are not
 * negative, and a change may well lessen the loss; so each head's are counted from its best
 * candidate, and what that leaves out is the same for every plan.
 *
 * @param losses from the best candidate of each head and length
 * @param leftOut to be added to the sum over heads for a plan's predicted loss; may be negative
 */
public record ChangedLosses(HeadLosses losses, double leftOut) {
  /**
   * @param changes of some prompts of every length of the workload, at one plan
   */
  public static ChangedLosses of(List<PromptChanges> changes, Workload workload) {
    double[] weights = workload.lengths().stream().mapToDouble(Workload.Entry::weight).toArray();
    double allWeights = Arrays.stream(weights).sum();
    double[][][] byLength = new double[weights.length][][];
    double leftOut = 0;
    for (int n = 0; n < weights.length; n++) {
      Tokens length = workload.lengths().get(n).length();
      List<PromptChanges> ofLength =
          changes.stream().filter(prompt -> prompt.length().equals(length)).toList();
      double atLength = 0;
      byLength[n] = mean(ofLength);
      for (double[] ofHead : byLength[n]) {
        double least = Arrays.stream(ofHead).min().orElseThrow();
        atLength += least;
        Arrays.setAll(ofHead, candidate -> ofHead[candidate] - least);
      }
      atLength += ofLength.stream().mapToDouble(PromptChanges::divergence).average().orElseThrow();
      leftOut += weights[n] / allWeights * atLength;
    }
    return new ChangedLosses(new HeadLosses(byLength, weights), leftOut);
  }

  private static double[][] mean(List<PromptChanges> prompts) {
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("There are no changes at a length of the workload.");
    }
    double[][] first = prompts.getFirst().changes();
    double[][] mean = new double[first.length][first[0].length];
    for (PromptChanges prompt : prompts) {
      for (int head = 0; head < mean.length; head++) {
        for (int candidate = 0; candidate < mean[head].length; candidate++) {
          mean[head][candidate] += prompt.changes()[head][candidate] / prompts.size();
        }
      }
    }
    return mean;
  }
}
