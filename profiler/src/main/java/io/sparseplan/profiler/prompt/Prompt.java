package io.sparseplan.profiler.prompt;

import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.profile.PromptSet;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/**
 * One prompt.
 *
 * @param line its line in the prompt file, from 1
 * @param ids token ids
 * @param answers spans of the answers, perhaps none; each within the prompt
 */
public record Prompt(int line, int[] ids, List<AnswerSpan> answers) {
  public Prompt {
    ids = ids.clone();
    answers = List.copyOf(answers);
    if (ids.length < 2) {
      throw new IllegalArgumentException(
          "The prompt has %d tokens; two are needed to predict one.".formatted(ids.length));
    }
    for (AnswerSpan answer : answers) {
      if (answer.endToken() > ids.length) {
        throw new IllegalArgumentException(
            "The answer span [%d, %d) leaves the prompt of %d tokens."
                .formatted(answer.firstToken(), answer.endToken(), ids.length));
      }
    }
  }

  public Tokens length() {
    return Tokens.of(ids.length);
  }

  /** All tokens of answers. */
  public BitSet answerTokens() {
    var tokens = new BitSet(ids.length);
    answers.forEach(answer -> tokens.set(answer.firstToken(), answer.endToken()));
    return tokens;
  }

  /**
   * Positions whose loss is the prompt's loss: those that predict answers, else all. Position t
   * predicts token t + 1.
   */
  public BitSet lossPositions() {
    var positions = new BitSet(ids.length);
    if (answers.isEmpty()) {
      positions.set(0, ids.length - 1);
    } else {
      answers.forEach(a -> positions.set(a.firstToken() - 1, a.endToken() - 1));
    }
    return positions;
  }

  /** Hash of the tokens and the answer spans. */
  public Sha256 hash() {
    var bytes = ByteBuffer.allocate(4 * (1 + ids.length + 2 * answers.size())).putInt(ids.length);
    for (int id : ids) {
      bytes.putInt(id);
    }
    answers.forEach(answer -> bytes.putInt(answer.firstToken()).putInt(answer.endToken()));
    return Sha256.of(bytes.array());
  }

  /** This prompt as a member of a set. */
  public PromptSet.Member member() {
    return new PromptSet.Member(hash(), length());
  }
}
