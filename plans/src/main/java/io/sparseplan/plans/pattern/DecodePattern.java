package io.sparseplan.plans.pattern;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;

/**
 * A rule of decoding: which tokens of the cache the query of an answer token reads. It chooses
 * single tokens or pages, by scores of the head on the prompt at hand, and has no tiles. Rows of
 * the prompt are read dense, also where it stands in the place of a prefill pattern.
 */
public sealed interface DecodePattern extends Pattern
    permits CompensatedBuffer, HeavyChannels, KvBudget, PageTopK, TokensOfLayer {
  /** How many tokens a step over so many keys reads, as far as the keys go. */
  Tokens readTokens(Tokens keys);

  /** Only what is written token by token is decoded. */
  @Override
  default boolean fits(TokenLayout layout) {
    return layout.visibility() == Visibility.CAUSAL && layout.video().isEmpty();
  }

  /**
   * The error where tiles are asked for.
   *
   * @param done what cannot be done with it, such as "laid out in tiles"
   */
  default BadInputException refusal(String done) {
    return new BadInputException(
        "The pattern %s cannot be %s: it chooses tokens for each step of decoding."
            .formatted(label(), done),
        "take patterns of tiles for its heads; prompts are read dense where it stands.");
  }
}
