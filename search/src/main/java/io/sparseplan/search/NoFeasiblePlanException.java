package io.sparseplan.search;

/**
 * No plan keeps to the goal. The message names each limit that is broken and the least value that
 * can be reached; its last line starts with "Maybe". The command exits with 4.
 */
public final class NoFeasiblePlanException extends RuntimeException {
  /**
   * @param problem a sentence with the limit, its value and what can be reached
   * @param remedy what to do, continuing the word "Maybe"
   */
  NoFeasiblePlanException(String problem, String remedy) {
    super(problem + "\nMaybe " + remedy);
  }
}
