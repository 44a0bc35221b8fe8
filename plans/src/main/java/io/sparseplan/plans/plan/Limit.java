package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparseplan.plans.geometry.Tokens;

/** One thing that a plan must keep to, as a ratio to dense attention. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Limit.MaxTime.class, name = "max_time"),
  @JsonSubTypes.Type(value = Limit.MaxTimeAt.class, name = "max_time_at"),
  @JsonSubTypes.Type(value = Limit.MaxDensity.class, name = "max_density")
})
public sealed interface Limit {
  double ratio();

  /** The attention time of the whole workload ÷ that of the same kernel run dense. */
  record MaxTime(double ratio) implements Limit {
    public MaxTime {
      requireRatio(ratio);
    }
  }

  /** The attention time at one length ÷ that of the same kernel run dense. */
  record MaxTimeAt(@JsonProperty("lengthTokens") Tokens length, double ratio) implements Limit {
    public MaxTimeAt {
      requireRatio(ratio);
    }
  }

  /** Visited tiles ÷ dense tiles, mean over the heads and the lengths of the workload. */
  record MaxDensity(double ratio) implements Limit {
    public MaxDensity {
      requireRatio(ratio);
    }
  }

  private static void requireRatio(double ratio) {
    if (!(ratio > 0 && Double.isFinite(ratio))) {
      throw new IllegalArgumentException("The ratio (%s) must be positive.".formatted(ratio));
    }
  }
}
