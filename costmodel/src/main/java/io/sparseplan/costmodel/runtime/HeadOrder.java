package io.sparseplan.costmodel.runtime;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * In which order the thread blocks of a launch's heads start. A runtime that permutes the rows of
 * the projections at load may choose it; heads of equal patterns are then neighbours.
 */
public enum HeadOrder {
  /** As the model numbers its heads. */
  @JsonProperty("model")
  MODEL,
  /** Heads of little work first. */
  @JsonProperty("least_work_first")
  LEAST_WORK_FIRST,
  /** Heads of much work first, which leaves short blocks to fill the end. */
  @JsonProperty("most_work_first")
  MOST_WORK_FIRST
}
