package io.sparseplan.plans.plan;

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
