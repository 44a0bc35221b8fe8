package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * The loss that a search minimises, from the output errors of a profile: for each length, head and
 * candidate the mean over prompts of ‖O_c − O‖² ÷ ‖O‖².
 */
public final class OutputErrorLoss {
  private final List<Tokens> lengths;
  private final double[][][] byLengthHeadCandidate;

  public OutputErrorLoss(Profile profile) {
    lengths = profile.lengths();
    int heads = profile.model().headCount();
    int candidates = profile.candidates().size();
    byLengthHeadCandidate = new double[lengths.size()][heads][candidates];
    for (int n = 0; n < lengths.size(); n++) {
      List<PromptStatistics> prompts = profile.promptsOf(lengths.get(n));
      for (PromptStatistics prompt : prompts) {
        for (int head = 0; head < heads; head++) {
          float[] errors = prompt.heads().get(head).outputError();
          for (int candidate = 0; candidate < candidates; candidate++) {
            byLengthHeadCandidate[n][head][candidate] +=
                errors[candidate] / (double) prompts.size();
          }
        }
      }
    }
  }

  public List<Tokens> lengths() {
    return lengths;
  }

  /**
   * The losses of the candidates of one head.
   *
   * @param length one that was profiled
   * @param head the head's place in layer-major order
   */
  public double[] ofHead(Tokens length, int head) {
    int n = lengths.indexOf(length);
    if (n < 0) {
      throw new IllegalArgumentException(
          "The length (%s) was not profiled; the profile has %s.".formatted(length, lengths));
    }
    return byLengthHeadCandidate[n][head].clone();
  }
}
