package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The number of query heads a layer, at least one and no more than a file can make us keep. */
public record QueryHeads(@JsonValue int count) {
  /** Twenty times the query heads of the widest models. */
  public static final int MOST = 4096;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public QueryHeads {
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException(
          "The number (%d) of query heads a layer must be in 1..%d.".formatted(count, MOST));
    }
  }
}
