package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * The losses that a search minimises: for each length, head and candidate the mean over prompts of
 * a statistic.
 */
public final class ProfiledLoss {
  private final List<Tokens> lengths;
  private final double[][][] byLengthHeadCandidate;

  /**
   * @throws BadInputException if the statistic is of another objective than the profile's
   */
  public ProfiledLoss(Profile profile, LossStatistic statistic) {
    requireObjective(profile, statistic);
    lengths = profile.lengths();
    int heads = profile.model().headCount();
    int candidates = profile.candidates().size();
    byLengthHeadCandidate = new double[lengths.size()][heads][candidates];
    for (int n = 0; n < lengths.size(); n++) {
      List<PromptStatistics> prompts = profile.promptsOf(lengths.get(n));
      for (PromptStatistics prompt : prompts) {
        for (int head = 0; head < heads; head++) {
          HeadStatistics statistics = prompt.heads().get(head);
          float[] losses =
              switch (statistic) {
                case OUTPUT_ERROR -> statistics.outputError();
                case FIRST_ORDER_MARGIN, FIRST_ORDER_CE, FIRST_ORDER_TEMP ->
                    statistics.firstOrder().rowRms();
                case KL_SECOND_ORDER ->
                    secondOrder(statistics.firstOrder().rowRms(), prompt.length());
              };
          for (int candidate = 0; candidate < candidates; candidate++) {
            byLengthHeadCandidate[n][head][candidate] +=
                losses[candidate] / (double) prompts.size();
          }
        }
      }
    }
  }

  private static float[] secondOrder(float[] rowRms, Tokens length) {
    int predicted = length.count() - 1;
    float[] divergence = new float[rowRms.length];
    for (int candidate = 0; candidate < divergence.length; candidate++) {
      divergence[candidate] = 0.5f * predicted * rowRms[candidate] * rowRms[candidate];
    }
    return divergence;
  }

  private static void requireObjective(Profile profile, LossStatistic statistic) {
    if (statistic != LossStatistic.OUTPUT_ERROR
        && statistic != LossStatistic.firstOrder(profile.objective())) {
      throw new BadInputException(
          "The losses are to be %s; the profile has gradients of %s."
              .formatted(statistic, profile.objective()),
          "take the profile that the plan was made from, or profile with another --objective.");
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
