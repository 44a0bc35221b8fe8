package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of elements of one head's query, key and value vectors, at least one. */
public record HeadDim(@JsonValue int count) {
  /** A hundred times the usual. */
  public static final int MOST = 1 << 14;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public HeadDim {
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException(
          "The number (%d) of elements of one head's query, key and value vectors must be in 1..%d."
              .formatted(count, MOST));
    }
  }
}
