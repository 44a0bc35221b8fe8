package io.sparseplan.search;

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
 */
public record FoundPlan(
    int[] choice,
    double lossBound,
    double workloadMicrosBound,
    int steps,
    long scoreCalculations) {}
