package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What one entry of a plan decides for. */
public enum HeadAxis {
  @JsonProperty("q_head")
  QUERY_HEAD
}
