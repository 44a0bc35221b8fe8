package io.sparseplan.cli;

/** How much is said on stderr. Each level says what those before it say. */
enum LogLevel {
  /** What failed. */
  ERROR,
  /** What somebody should know. */
  WARN,
  /** What is done, and how long it took. */
  INFO,
  /** What lies behind errors of input, with stack traces. */
  DEBUG;

  boolean says(LogLevel other) {
    return ordinal() >= other.ordinal();
  }
}
