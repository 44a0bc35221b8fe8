package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of layers, at least one and no more than a file can make us keep patterns for. */
public record LayerCount(@JsonValue int count) {
  /** Twenty times the layers of the deepest models. */
  public static final int MOST = 4096;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public LayerCount {
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException(
          "The number (%d) of layers must be in 1..%d.".formatted(count, MOST));
    }
  }
}
