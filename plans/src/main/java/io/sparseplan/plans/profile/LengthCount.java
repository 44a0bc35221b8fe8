package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;

/** How many prompts of one length a set holds. */
public record LengthCount(
    @JsonProperty("lengthTokens") Tokens length, @JsonProperty("prompts") int prompts) {
  public LengthCount {
    if (prompts < 1) {
      throw new IllegalArgumentException(
          "The number of prompts (%d) of length %s must be positive.".formatted(prompts, length));
    }
  }
}
