package io.sparseplan.plans.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a plan decides for. A plan lists every query head, whatever its axis. */
public enum HeadAxis {
  /** Each query head by itself. */
  @JsonProperty("q_head")
  QUERY_HEAD,
  /** All query heads that read one key-value head together: they run the same pattern. */
  @JsonProperty("kv_head")
  KV_HEAD
}
