package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the runtime is doing with the tokens. */
public enum Phase {
  /** Reading the prompt: as many queries as keys. */
  @JsonProperty("prefill")
  PREFILL,
  /** Writing the answer: one query at a time. */
  @JsonProperty("decode")
  DECODE
}
