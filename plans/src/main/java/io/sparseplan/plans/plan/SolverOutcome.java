package io.sparseplan.plans.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * How good the plan is known to be.
 *
 * @param loss the loss of the plan, and the proven least loss within the goal; where time was to be
 *     least, of plans within the goal that are as fast as this one
 * @param timeMillis the time of the workload, and the proven least time of any plan that loses no
 *     more than this one; where time was to be least, of any plan within the goal
 * @param gap (loss − bound) ÷ (loss of the cheapest plan − bound), 0 where proven best; where time
 *     was to be least, (time − bound) ÷ time of the same kernel run dense
 * @param steps local search steps that were taken
 * @param trail how the search came there: at most {@link #LONGEST_TRAIL} steps, the last of which
 *     is this plan; empty where the plan was chosen in a peer's way
 */
public record SolverOutcome(
    Strategy strategy,
    Bounded loss,
    Bounded timeMillis,
    double gap,
    long seed,
    int steps,
    long scoreCalculations,
    boolean reproducible,
    List<SearchStep> trail) {
  /** How many steps of a search are told at most. */
  public static final int LONGEST_TRAIL = 48;

  public SolverOutcome {
    trail = List.copyOf(trail);
    if (trail.size() > LONGEST_TRAIL) {
      throw new IllegalArgumentException(
          "The trail has %d steps; it may have %d.".formatted(trail.size(), LONGEST_TRAIL));
    }
  }

  /** The same after another search; where both are long, without the last but one steps of that. */
  SolverOutcome after(SolverOutcome before) {
    List<SearchStep> both = new ArrayList<>(before.trail);
    while (both.size() + trail.size() > LONGEST_TRAIL) {
      both.remove(both.size() - 2);
    }
    both.addAll(trail);
    return new SolverOutcome(
        strategy,
        loss,
        timeMillis,
        gap,
        seed,
        before.steps + steps,
        before.scoreCalculations + scoreCalculations,
        reproducible,
        both);
  }
}
