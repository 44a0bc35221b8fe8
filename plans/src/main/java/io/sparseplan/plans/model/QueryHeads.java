package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of query heads a layer, at least one. */
public record QueryHeads(@JsonValue int count) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public QueryHeads {
    if (count < 1) {
      throw new IllegalArgumentException(
          "The number (%d) of query heads a layer must be positive.".formatted(count));
    }
  }
}
