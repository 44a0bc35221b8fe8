package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;

/**
 * The statistics of one prompt.
 *
 * @param prompt hash of the prompt's tokens and answer spans
 * @param answerTokens tokens that the prompt marks as answers, perhaps none
 * @param heads every head, in layer-major order; arrays of one statistic are as long in each
 */
public record PromptStatistics(
    Sha256 prompt, Tokens length, int answerTokens, List<HeadStatistics> heads) {
  public PromptStatistics {
    heads = List.copyOf(heads);
  }
}
