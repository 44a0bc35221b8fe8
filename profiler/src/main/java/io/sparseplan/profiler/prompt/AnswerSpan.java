package io.sparseplan.profiler.prompt;

/**
 * The tokens of one answer within its prompt.
 *
 * @param firstToken the first token, at least 1: something must predict it
 * @param endToken one past the last token
 */
public record AnswerSpan(int firstToken, int endToken) {
  public AnswerSpan {
    if (firstToken < 1 || endToken <= firstToken) {
      throw new IllegalArgumentException(
          "The answer span [%d, %d) must start at 1 or later and hold a token."
              .formatted(firstToken, endToken));
    }
  }
}
