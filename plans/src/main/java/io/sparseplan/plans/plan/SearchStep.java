package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * Where the search stood after it had found a better plan or a higher bound.
 *
 * @param simulatedLayers how many layers had been simulated by then: the search's clock, the same
 *     on every machine
 * @param loss of the best plan so far, in the unit of the plan's statistic
 * @param timeRatio the time of the workload with that plan ÷ that of the same kernel run dense
 * @param bound no plan within the goal has a smaller loss; where time was to be least, a smaller
 *     time ratio
 * @param gap as {@link SolverOutcome#gap}, of that plan and that bound; empty where that plan does
 *     not keep to the goal, as the first ones may not
 */
public record SearchStep(
    Stage stage,
    long simulatedLayers,
    double loss,
    double timeRatio,
    double bound,
    Optional<Double> gap) {
  /** The part of the search that made the step. */
  public enum Stage {
    /** The separable problem, in which every layer's work is spread evenly. */
    @JsonProperty("relaxation")
    RELAXATION,
    /** One layer at a time, at fixed prices for time. */
    @JsonProperty("decomposition")
    DECOMPOSITION,
    /** OptaPlanner's moves on the simulated times. */
    @JsonProperty("local_search")
    LOCAL_SEARCH,
    /** The best plan of all layers that were simulated. */
    @JsonProperty("recombination")
    RECOMBINATION,
    /** Changes against the old plan that are worth nothing were taken back. */
    @JsonProperty("settlement")
    SETTLEMENT,
    /** Searched again by what the plan was measured to lose. */
    @JsonProperty("refinement")
    REFINEMENT
  }

  public SearchStep {
    if (simulatedLayers < 0) {
      throw new IllegalArgumentException(
          "The number (%d) of simulated layers is negative.".formatted(simulatedLayers));
    }
    if (!(loss >= 0 && timeRatio > 0 && gap.orElse(0.0) >= 0)) {
      throw new IllegalArgumentException(
          "The loss (%s) and gap (%s) must not be negative, the timeRatio (%s) must be positive."
              .formatted(loss, gap, timeRatio));
    }
    if (!Double.isFinite(loss + timeRatio + bound + gap.orElse(0.0))) {
      throw new IllegalArgumentException(
          "The loss (%s), timeRatio (%s), bound (%s) and gap (%s) must be finite."
              .formatted(loss, timeRatio, bound, gap));
    }
  }
}
