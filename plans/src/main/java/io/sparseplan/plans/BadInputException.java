package io.sparseplan.plans;

/**
 * What the user gave cannot be used: a file, a model, a prompt. The message names each thing and
 * its value, and its last line starts with "Maybe" and says what to do. The command shows the
 * message without a stack trace and exits with 3.
 */
public final class BadInputException extends RuntimeException {
  /**
   * @param problem a sentence with the name and value of each thing involved
   * @param remedy what to do, continuing the word "Maybe"
   */
  public BadInputException(String problem, String remedy) {
    super(problem + "\nMaybe " + remedy);
  }

  /** As the other constructor, keeping the cause for a log. */
  public BadInputException(String problem, String remedy, Throwable cause) {
    super(problem + "\nMaybe " + remedy, cause);
  }
}
