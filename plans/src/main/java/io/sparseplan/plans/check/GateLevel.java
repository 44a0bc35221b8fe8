package io.sparseplan.plans.check;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What happens when a gate's limit is not kept. */
public enum GateLevel {
  /** Nothing: the gate is not asked. */
  @JsonProperty("off")
  OFF,
  /** It is said. */
  @JsonProperty("warn")
  WARN,
  /** It is said, and the command fails. */
  @JsonProperty("error")
  ERROR
}
