package io.sparseplan.costmodel.runtime;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How many kernel launches the heads of one layer take. They run one after another. */
public enum Launches {
  /** All heads in one launch. */
  @JsonProperty("per_layer")
  PER_LAYER,
  /** The heads of each distinct pattern in a launch of their own. */
  @JsonProperty("per_pattern")
  PER_PATTERN,
  /** Every head in a launch of its own. */
  @JsonProperty("per_head")
  PER_HEAD
}
