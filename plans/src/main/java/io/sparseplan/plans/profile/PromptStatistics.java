package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;
import java.util.Optional;

/**
 * The statistics of one prompt.
 *
 * @param prompt hash of the prompt's tokens and answer spans
 * @param answerTokens tokens that the prompt marks as answers, perhaps none
 * @param heads every head, in layer-major order; arrays of one statistic are as long in each
 * @param traits of the same heads; empty where attention is not causal
 */
public record PromptStatistics(
    Sha256 prompt,
    Tokens length,
    int answerTokens,
    List<HeadStatistics> heads,
    Optional<PromptTraits> traits) {
  public PromptStatistics {
    heads = List.copyOf(heads);
    if (traits.isPresent() && traits.get().heads().size() != heads.size()) {
      throw new IllegalArgumentException(
          "The prompt %s has traits of %d heads and statistics of %d."
              .formatted(prompt.abbreviated(), traits.get().heads().size(), heads.size()));
    }
  }

  /** Statistics without traits. */
  public PromptStatistics(
      Sha256 prompt, Tokens length, int answerTokens, List<HeadStatistics> heads) {
    this(prompt, length, answerTokens, heads, Optional.empty());
  }

  /** The statistics of some candidates; see {@link HeadStatistics#withCandidates}. */
  PromptStatistics withCandidates(int[] numbers, int[] selected, TileGrid grid) {
    return new PromptStatistics(
        prompt,
        length,
        answerTokens,
        heads.stream().map(head -> head.withCandidates(numbers, selected, grid)).toList(),
        traits);
  }
}
