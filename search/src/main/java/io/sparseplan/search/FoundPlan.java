package io.sparseplan.search;

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
    List<SearchTrail.Mark> trail) {}
