package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the plan was chosen. */
public enum Strategy {
  /** The exact separable solution, improved by OptaPlanner on the simulated times. */
  @JsonProperty("optaplanner")
  OPTAPLANNER,
  /** One streaming pattern for every head, the best that keeps to the goal: StreamingLLM's way. */
  @JsonProperty("uniform")
  UNIFORM
}
