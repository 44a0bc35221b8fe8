package io.sparseplan.search;

/**
 * The choice of a search, and what is proven and known of it.
 *
 * @param choice the candidate of each head in layer-major order
 * @param lossBound no plan within the goal loses less
 * @param workloadMicrosBound no plan that loses no more needs less time for the workload
 * @param steps local search steps
 * @param scoreCalculations plans that the local search looked at
 */
record FoundPlan(
    int[] choice,
    double lossBound,
    double workloadMicrosBound,
    int steps,
    long scoreCalculations) {}
