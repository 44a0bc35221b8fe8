package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of elements of one head's query, key and value vectors, at least one. */
public record HeadDim(@JsonValue int count) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public HeadDim {
    if (count < 1) {
      throw new IllegalArgumentException(
          "The number (%d) of elements of one head's query, key and value vectors must be positive."
              .formatted(count));
    }
  }
}
