package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which pairs of query tile and chunk compete for a budget. */
public enum ChosenAmong {
  /** The chunks of each query tile: all query tiles get alike. */
  @JsonProperty("query")
  QUERY,
  /** All pairs of a head: query tiles that look at little leave more to others. */
  @JsonProperty("head")
  HEAD
}
