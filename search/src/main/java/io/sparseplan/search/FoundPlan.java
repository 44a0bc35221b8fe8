package io.sparseplan.search;

import java.util.ArrayList;
import java.util.List;

/**
 * The choice of a search, and what is proven and known of it.
 *
 * @param choice the candidate of each head, or group of heads, in layer-major order
 * @param lossBound no plan within the goal loses less; where time is to be least, none that is as
 *     fast
 * @param workloadMicrosBound no plan that loses no more needs less time for the workload; where
 *     time is to be least, none within the goal
 * @param steps local search steps
 * @param scoreCalculations plans that the local search looked at
 * @param trail the steps of the search, the last of which is the choice; empty for a peer's
 */
public record FoundPlan(
    int[] choice,
    double lossBound,
    double workloadMicrosBound,
    int steps,
    long scoreCalculations,
    List<SearchTrail.Mark> trail) {
  /** The same with another choice, to which the last step of the trail leads. */
  FoundPlan withChoice(int[] other) {
    List<SearchTrail.Mark> trailToOther = new ArrayList<>(trail);
    trailToOther.add(trailToOther.removeLast().withChoice(other));
    return new FoundPlan(
        other, lossBound, workloadMicrosBound, steps, scoreCalculations, trailToOther);
  }

  /** The same with another proof. */
  FoundPlan withLossBound(double bound) {
    return new FoundPlan(choice, bound, workloadMicrosBound, steps, scoreCalculations, trail);
  }
}
