package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;
import java.util.List;

/**
 * One step of decoding: the query of an answer token, over the keys so far, its own among them.
 *
 * @param prompt tokens before the answer
 * @param query the token, from 0; not in the prompt
 */
public record DecodeStep(Tokens prompt, int query) {
  public DecodeStep {
    if (query < prompt.count()) {
      throw new IllegalArgumentException(
          "The query (%d) is a token of the prompt (%s tokens).".formatted(query, prompt));
    }
  }

  /**
   * The steps of a sequence whose answers are known, in order.
   *
   * @param answers tokens of answers; each run of them is one answer, and all before it its prompt
   */
  public static List<DecodeStep> of(BitSet answers) {
    return answers.stream()
        .mapToObj(query -> new DecodeStep(Tokens.of(answers.previousClearBit(query) + 1), query))
        .toList();
  }

  /** Keys so far. */
  public Tokens keys() {
    return Tokens.of(query + 1);
  }

  /** How many steps of the answer came before. */
  public int number() {
    return query - prompt.count();
  }
}
