package io.sparseplan.plans.pattern;

import java.util.BitSet;

/**
 * What a step of decoding reads of a head's cache.
 *
 * @param read tokens whose keys and values are read
 * @param merged tokens for which one stands that has the mean of their keys and of their values,
 *     and their number as its weight; none of them is read
 */
public record StepTokens(BitSet read, BitSet merged) {
  /** Nothing is merged. */
  static StepTokens of(BitSet read) {
    return new StepTokens(read, new BitSet());
  }

  /** Every key so far. */
  public static StepTokens all(DecodeStep step) {
    var read = new BitSet();
    read.set(0, step.keys().count());
    return of(read);
  }

  /** Without the tokens before the first key that the query sees. */
  public StepTokens from(int firstKey) {
    return new StepTokens(from(firstKey, read), from(firstKey, merged));
  }

  private static BitSet from(int firstKey, BitSet tokens) {
    var near = (BitSet) tokens.clone();
    near.clear(0, firstKey);
    return near;
  }
}
