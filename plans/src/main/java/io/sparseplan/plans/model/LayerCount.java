package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of layers, at least one. */
public record LayerCount(@JsonValue int count) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public LayerCount {
    if (count < 1) {
      throw new IllegalArgumentException(
          "The number (%d) of layers must be positive.".formatted(count));
    }
  }
}
