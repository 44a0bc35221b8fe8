package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A layer, counted from 0. */
public record LayerIndex(@JsonValue int value) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public LayerIndex {
    if (value < 0) {
      throw new IllegalArgumentException("The layer (%d) is negative.".formatted(value));
    }
  }
}
