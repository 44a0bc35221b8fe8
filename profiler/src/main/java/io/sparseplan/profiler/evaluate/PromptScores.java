package io.sparseplan.profiler.evaluate;

import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;

/**
 * How one prompt went.
 *
 * @param scores about each next token
 * @param divergence KL from dense at each position that predicts a token, nats
 */
record PromptScores(Prompt prompt, TokenScores scores, double[] divergence) {
  /** Whether every token of the answer has the largest logit, teacher-forced. */
  boolean isExact(AnswerSpan answer) {
    return scores.right().nextClearBit(answer.firstToken() - 1) >= answer.endToken() - 1;
  }
}
