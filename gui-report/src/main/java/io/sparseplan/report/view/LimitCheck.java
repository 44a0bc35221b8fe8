package io.sparseplan.report.view;

/**
 * One limit of the goal and what the plan has.
 *
 * @param quantity what is limited, naming the dense kernel where it is a ratio of times
 * @param expected such as {@code ≤ 0.50}
 * @param found in the same unit
 * @param all the quantity at each length of the workload, whichever of them is limited
 */
public record LimitCheck(
    String quantity, String expected, String found, String all, Basis basis, boolean kept) {}
