package io.sparseplan.profiler.statistics;

/**
 * What a loss L does, on one prompt, when one head of a plan runs another candidate than the plan's
 * own: of ⟨∂L/∂O, O_c − O_plan⟩ of each row, everything else being as in the plan.
 *
 * @param signed the sum over the rows, nats
 * @param squared the sum of the squares, nats²
 */
record HeadChanges(double[] signed, double[] squared) {}
