package io.sparseplan.plans.plan;

/**
 * How good the plan is known to be.
 *
 * @param loss the loss of the plan, and the proven least loss within the goal's limits
 * @param timeMillis the time of the workload, and the proven least time of any plan that loses no
 *     more than this one
 * @param gap (loss − bound) ÷ (loss of the cheapest plan − bound), 0 where proven best
 * @param steps local search steps that were taken
 */
public record SolverOutcome(
    Strategy strategy,
    Bounded loss,
    Bounded timeMillis,
    double gap,
    long seed,
    int steps,
    long scoreCalculations,
    boolean reproducible) {}
