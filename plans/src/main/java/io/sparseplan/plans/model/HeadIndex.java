package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A query head within its layer, counted from 0. */
public record HeadIndex(@JsonValue int value) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public HeadIndex {
    if (value < 0) {
      throw new IllegalArgumentException("The head (%d) is negative.".formatted(value));
    }
  }
}
