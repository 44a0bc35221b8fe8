package io.sparseplan.plans.format;

import io.sparseplan.plans.model.HeadAxis;
import java.util.List;

/**
 * Scores of heads; the higher, the more the head needs to see.
 *
 * @param axis what is scored
 * @param statistic what a score is
 * @param layers {@code [layer][head of the axis]}
 */
public record ScoredHeads(HeadAxis axis, String statistic, List<List<HeadScore>> layers) {
  /**
   * One head's scores.
   *
   * @param trials one of each trial, or the one there is; at least one, finite
   */
  public record HeadScore(List<Double> trials) {
    public HeadScore {
      trials = List.copyOf(trials);
      if (trials.isEmpty()) {
        throw new IllegalArgumentException("The trials are none.");
      }
    }

    public double mean() {
      double sum = 0;
      for (double trial : trials) {
        sum += trial;
      }
      return sum / trials.size();
    }
  }

  public ScoredHeads {
    layers = layers.stream().map(List::copyOf).toList();
  }
}
