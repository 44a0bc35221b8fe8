package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TokenLayout;
import java.util.HashSet;
import java.util.List;

/** The rules for every list of candidates: dense first, none twice, all of one layout. */
public final class Candidates {
  private Candidates() {}

  /**
   * A copy of the list.
   *
   * @throws IllegalArgumentException if it breaks the rule
   */
  public static List<Pattern> checked(List<Pattern> list) {
    List<Pattern> candidates = List.copyOf(list);
    if (candidates.isEmpty() || !candidates.getFirst().equals(new Dense())) {
      throw new IllegalArgumentException("The first of the candidates must be dense.");
    }
    var seen = new HashSet<Pattern>();
    for (Pattern candidate : candidates) {
      if (!seen.add(candidate)) {
        throw new IllegalArgumentException(
            "The candidates hold %s twice.".formatted(candidate.label()));
      }
    }
    return candidates;
  }

  /**
   * @throws IllegalArgumentException if one of them means nothing where tokens lie so
   */
  public static void requireFit(List<Pattern> candidates, TokenLayout layout) {
    for (Pattern candidate : candidates) {
      if (!candidate.fits(layout)) {
        throw new IllegalArgumentException(
            "The pattern %s means nothing where attention is %s."
                .formatted(candidate.label(), layout.text()));
      }
    }
  }
}
