package io.sparseplan.plans.geometry;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A number of tokens, zero or more. Written to JSON as a plain number. */
public record Tokens(@JsonValue int count) implements Comparable<Tokens> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Tokens {
    if (count < 0) {
      throw new IllegalArgumentException("The token count (%d) is negative.".formatted(count));
    }
  }

  public static Tokens of(int count) {
    return new Tokens(count);
  }

  @Override
  public int compareTo(Tokens other) {
    return Integer.compare(count, other.count);
  }

  @Override
  public String toString() {
    return Integer.toString(count);
  }
}
