package io.sparseplan.plans.profile;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The numbers that a model runs in while it is profiled. Statistics in one differ from those in the
 * other by what bf16 rounds away, so one profile holds records of one alone.
 */
public enum Arithmetic {
  /** float32 throughout. */
  @JsonProperty("float32")
  FLOAT32("float32 on the CPU"),
  /** What is multiplied is rounded to bf16, sums are float32. */
  @JsonProperty("bf16")
  BF16("bf16 on a GPU");

  private final String text;

  Arithmetic(String text) {
    this.text = text;
  }

  /** For sentences. */
  public String text() {
    return text;
  }
}
