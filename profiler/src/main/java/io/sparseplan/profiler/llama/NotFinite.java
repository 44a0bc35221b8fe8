package io.sparseplan.profiler.llama;

import io.sparseplan.plans.BadInputException;

/** What is said when a model computes something that is no number. */
public final class NotFinite {
  private NotFinite() {}

  /**
   * @param token the first whose hidden state is not finite
   */
  public static BadInputException hiddenState(int token) {
    return new BadInputException(
        "The hidden state of token %d is not finite.".formatted(token),
        "the weights are damaged, or too large for float32: download the model again.");
  }
}
