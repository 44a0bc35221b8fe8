package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a plan's loss is, of its losses at the lengths of the workload. */
public enum LossOver {
  /** Their mean, by how often each length occurs. */
  @JsonProperty("mean")
  MEAN,

  /**
   * The largest of them: no length pays for another. Plans that lose alike at the worst length are
   * told apart by the mean, which counts for {@link #SHARE_OF_MEAN} of each.
   */
  @JsonProperty("worst_length")
  WORST_LENGTH;

  /** Of the loss at a length that {@link #WORST_LENGTH} compares; the rest is its own. */
  public static final double SHARE_OF_MEAN = 1e-3;
}
