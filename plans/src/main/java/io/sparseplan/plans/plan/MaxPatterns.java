package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** How many different patterns the heads of one layer may run, at least one. */
public record MaxPatterns(@JsonValue int ofLayer) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public MaxPatterns {
    if (ofLayer < 1) {
      throw new IllegalArgumentException(
          "The number (%d) of patterns that a layer may run must be positive.".formatted(ofLayer));
    }
  }
}
