package io.sparseplan.report.view;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.HeadStatistics;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.plans.profile.PromptStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Means over the prompts of one length of what a profile holds of each head. */
final class PromptMeans {
  private final Map<Tokens, List<PromptStatistics>> byLength = new TreeMap<>();
  private final int candidates;

  PromptMeans(Profile profile) {
    candidates = profile.candidates().size();
    profile.lengths().forEach(length -> byLength.put(length, profile.promptsOf(length)));
  }

  /** What the head did on each prompt of the length, in the order of the profile. */
  List<HeadStatistics> ofHead(Tokens length, int place) {
    var statistics = new ArrayList<HeadStatistics>();
    byLength.get(length).forEach(prompt -> statistics.add(prompt.heads().get(place)));
    return statistics;
  }

  double[] recall(Tokens length, int place) {
    List<HeadStatistics> prompts = ofHead(length, place);
    var mean = new double[candidates];
    for (HeadStatistics prompt : prompts) {
      for (int candidate = 0; candidate < candidates; candidate++) {
        mean[candidate] += prompt.recall()[candidate] / (double) prompts.size();
      }
    }
    return mean;
  }

  double mean(Tokens length, int place, ToDoubleFunction<HeadStatistics> statistic) {
    return ofHead(length, place).stream().mapToDouble(statistic).average().orElseThrow();
  }

  /**
   * The side of the attention maps at this length, 0 where none were taken.
   *
   * @throws BadInputException if a map is not square or not of the size of the others
   */
  int mapSide(Tokens length) {
    int cells = ofHead(length, 0).getFirst().blockMass().length;
    int side = (int) Math.round(Math.sqrt(cells));
    for (PromptStatistics prompt : byLength.get(length)) {
      for (HeadStatistics head : prompt.heads()) {
        if (head.blockMass().length != side * side) {
          throw new BadInputException(
              ("The profile's prompt %s has an attention map of %d cells;"
                      + " others of length %s have %d × %d.")
                  .formatted(
                      prompt.prompt().abbreviated(), head.blockMass().length, length, side, side),
              "profile the model again with this version.");
        }
      }
    }
    return side;
  }

  /** The attention map, as shares of a band's weight. */
  double[] mass(Tokens length, int place) {
    List<HeadStatistics> prompts = ofHead(length, place);
    var mean = new double[prompts.getFirst().blockMass().length];
    for (HeadStatistics prompt : prompts) {
      for (int cell = 0; cell < mean.length; cell++) {
        mean[cell] += Byte.toUnsignedInt(prompt.blockMass()[cell]) / 255.0 / prompts.size();
      }
    }
    return mean;
  }
}
