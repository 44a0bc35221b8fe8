package io.sparseplan.costmodel;

/**
 * A kernel that knows dense attention only: what a runtime runs without a plan. It is priced as a
 * launch of dense tiles, and its {@code shape.tile} is only the unit in which its work is counted.
 */
public record DenseKernel(String kernel, KernelShape shape) {}
