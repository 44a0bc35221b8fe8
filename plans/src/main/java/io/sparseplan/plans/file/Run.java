package io.sparseplan.plans.file;

/**
 * What differs between two runs that mean the same: kept apart, so that the rest of a file compares
 * byte for byte.
 *
 * @param finishedAt ISO 8601, UTC
 * @param threads worker threads; results do not depend on it
 * @param command the arguments as the user gave them
 */
public record Run(
    String finishedAt, String host, int threads, long durationMillis, String command) {}
