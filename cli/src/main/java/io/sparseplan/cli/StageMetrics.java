package io.sparseplan.cli;

/**
 * What one stage of a run took.
 *
 * @param peakHeapBytes sum over memory pools of the most that each held: the most that the heap can
 *     have held
 */
record StageMetrics(String stage, long millis, long peakHeapBytes) {}
