package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The layers at either end of a model that stay dense. */
public record DenseEnds(First first, Last last) {
  /** No layer has to stay dense. */
  public static final DenseEnds NONE = new DenseEnds(new First(0), new Last(0));

  /** So many layers from the first on. */
  public record First(@JsonValue int layers) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public First {
      requireCount(layers, "first");
    }
  }

  /** So many layers up to the last. */
  public record Last(@JsonValue int layers) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Last {
      requireCount(layers, "last");
    }
  }

  private static void requireCount(int layers, String which) {
    if (layers < 0) {
      throw new IllegalArgumentException(
          "The number (%d) of %s dense layers is negative.".formatted(layers, which));
    }
  }
}
