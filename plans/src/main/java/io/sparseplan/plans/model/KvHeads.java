package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of key-value heads a layer, at least one. */
public record KvHeads(@JsonValue int count) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public KvHeads {
    if (count < 1) {
      throw new IllegalArgumentException(
          "The number (%d) of key-value heads a layer must be positive.".formatted(count));
    }
  }
}
