package io.sparseplan.profiler.evaluate;

import io.sparseplan.profiler.prompt.AnswerSpan;
import io.sparseplan.profiler.prompt.Prompt;
import java.util.BitSet;

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

  /** Positions whose loss is the prompt's loss: those that predict answers, else all. */
  BitSet lossPositions() {
    var positions = new BitSet();
    if (prompt.answers().isEmpty()) {
      positions.set(0, scores.loss().length);
    } else {
      prompt.answers().forEach(a -> positions.set(a.firstToken() - 1, a.endToken() - 1));
    }
    return positions;
  }
}
