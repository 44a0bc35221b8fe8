package io.sparseplan.plans.pattern;

import java.util.HashSet;
import java.util.List;

/** The rule for every list of candidates: dense first, and none twice. */
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
}
