package io.sparseplan.profiler.attention;

import io.sparseplan.plans.pattern.Pattern;

/**
 * What one head runs on a prompt.
 *
 * @param prefill for rows of the prompt, which a rule of decoding leaves dense
 * @param decode for rows of answer tokens: a row visits what the pattern says of its query tile,
 *     where a rule picks from the whole prompt, answers included, or reads the tokens of a rule of
 *     decoding
 */
public record HeadPatterns(Pattern prefill, Pattern decode) {
  /** The same in both phases. */
  public static HeadPatterns both(Pattern pattern) {
    return new HeadPatterns(pattern, pattern);
  }
}
