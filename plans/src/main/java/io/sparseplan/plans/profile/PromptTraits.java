package io.sparseplan.plans.profile;

import java.util.List;

/**
 * What kind of heads they were on one prompt.
 *
 * @param needleTokens tokens of the prompt's answers that stood in it before, so that a head can
 *     copy them; perhaps none
 * @param heads every head, in layer-major order
 */
public record PromptTraits(int needleTokens, List<HeadTraits> heads) {
  public PromptTraits {
    heads = List.copyOf(heads);
    for (HeadTraits head : heads) {
      if (head.copyHits() > needleTokens) {
        throw new IllegalArgumentException(
            "The copyHits (%d) exceed the needleTokens (%d)."
                .formatted(head.copyHits(), needleTokens));
      }
    }
  }
}
