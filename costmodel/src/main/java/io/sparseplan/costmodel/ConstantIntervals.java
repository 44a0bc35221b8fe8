package io.sparseplan.costmodel;

/**
 * How well measurements settle each of {@link KernelConstants}: about 95 %, two standard errors to
 * either side.
 *
 * @param aloneSpeedup without a unit; the others are in microseconds
 */
public record ConstantIntervals(
    Interval aloneSpeedup,
    Interval launchMicros,
    Interval startMicros,
    Interval loadMicros,
    Interval cachedLoadMicros,
    Interval blockMicros,
    Interval hiddenMicros,
    Interval tileMicros,
    Interval partialMicros,
    Interval fullMicros,
    Interval bidirectionalMicros) {}
