package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What is to be least within the limits. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Aim.LeastLoss.class, name = "least_loss"),
  @JsonSubTypes.Type(value = Aim.LeastTime.class, name = "least_time")
})
public sealed interface Aim {
  /** The predicted loss. */
  record LeastLoss() implements Aim {}

  /**
   * The attention time of the workload, among the plans that lose no more than this.
   *
   * @param maxLoss predicted, mean over the workload, in the unit of the plan's statistic
   */
  record LeastTime(double maxLoss) implements Aim {
    public LeastTime {
      if (!(maxLoss >= 0 && Double.isFinite(maxLoss))) {
        throw new IllegalArgumentException(
            "The maxLoss (%s) must not be negative.".formatted(maxLoss));
      }
    }
  }
}
