package io.sparseplan.cli;

/** What the process ends with. Part of the contract with scripts. */
final class ExitCode {
  static final int GOOD = 0;

  /** A gate of a budget failed, or a plan may not be used any more. */
  static final int GATE_FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** An input is missing, damaged, stale or not supported; or an output cannot be written. */
  static final int BAD_INPUT = 3;

  /** No plan keeps to the goal. */
  static final int NO_FEASIBLE_PLAN = 4;

  /** The reader of standard output went away; 128 and the signal that others end with then. */
  static final int CLOSED_PIPE = 141;

  /** A bug in this program. */
  static final int BUG = 70;

  private ExitCode() {}
}
