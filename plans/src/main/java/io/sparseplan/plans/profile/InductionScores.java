package io.sparseplan.plans.profile;

import java.util.List;

/**
 * How much each head looks for what was there before: RazorAttention's probe (arXiv 2407.15891,
 * §3.2), one forward pass over random tokens that are repeated. It belongs to the model; no prompt
 * is in it.
 *
 * <p>Heads in layer-major order. Peers decide by key-value head and take the largest of its query
 * heads.
 *
 * @param repeatedTokens how many different tokens were repeated
 * @param repeats how often they occur in all
 * @param echo for each head the mean weight on the earlier occurrences of the query's own token,
 *     over all queries from the second repeat on, 0..1
 * @param induction likewise on the tokens right after those occurrences
 */
public record InductionScores(
    int repeatedTokens, int repeats, List<Float> echo, List<Float> induction) {
  public InductionScores {
    echo = List.copyOf(echo);
    induction = List.copyOf(induction);
    if (repeatedTokens < 1 || repeats < 2) {
      throw new IllegalArgumentException(
          "The induction scores are of %d tokens, %d times; at least 1 token twice is needed."
              .formatted(repeatedTokens, repeats));
    }
    if (echo.size() != induction.size()) {
      throw new IllegalArgumentException(
          "The echo scores are of %d heads, the induction scores of %d."
              .formatted(echo.size(), induction.size()));
    }
    requireShares("echo", echo);
    requireShares("induction", induction);
  }

  /** The echo score of the head at a place in layer-major order. */
  public double echo(int place) {
    return echo.get(place);
  }

  /** The induction score of the head at a place in layer-major order. */
  public double induction(int place) {
    return induction.get(place);
  }

  private static void requireShares(String name, List<Float> values) {
    for (float value : values) {
      if (!(value >= 0 && value <= 1.001f)) {
        throw new IllegalArgumentException("The %s (%s) is not in 0..1.".formatted(name, value));
      }
    }
  }
}
