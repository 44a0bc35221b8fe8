package io.sparseplan.plans.profile;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

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
          double[] losses = ofPrompt(statistics, prompt.length(), statistic.kind());
          for (int candidate = 0; candidate < candidates; candidate++) {
            byLengthHeadCandidate[n][head][candidate] += losses[candidate] / prompts.size();
          }
        }
      }
    }
  }

  /**
   * The losses of the candidates of one head on one prompt.
   *
   * @param length of the prompt
   */
  public static double[] ofPrompt(HeadStatistics head, Tokens length, LossKind kind) {
    return switch (kind) {
      case OUTPUT_ERROR -> each(head.outputError(), error -> error);
      case LOST_MASS -> each(head.recall(), recall -> Math.max(0, 1 - recall));
      case FIRST_ORDER -> each(head.firstOrder().rowRms(), change -> change);
      case ABSOLUTE_FIRST_ORDER -> each(head.firstOrder().absolute(), change -> change);
      case INFLUENCE -> each(head.droppedInfluence(), influence -> influence);
      case DIVERGENCE, GUARDED_DIVERGENCE -> {
        double predictedTokens = length.count() - 1;
        yield each(head.firstOrder().rowRms(), change -> 0.5 * predictedTokens * change * change);
      }
    };
  }

  private static double[] each(float[] ofCandidates, DoubleUnaryOperator loss) {
    double[] losses = new double[ofCandidates.length];
    Arrays.setAll(losses, candidate -> loss.applyAsDouble(ofCandidates[candidate]));
    return losses;
  }

  private static void requireObjective(Profile profile, LossStatistic statistic) {
    if (!statistic.isIn(profile)) {
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
