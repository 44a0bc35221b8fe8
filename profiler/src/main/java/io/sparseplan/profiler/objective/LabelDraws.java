package io.sparseplan.profiler.objective;

import io.sparseplan.profiler.prompt.Prompt;
import java.util.SplittableRandom;

/**
 * The random numbers by which labels are drawn. They depend on the prompt's tokens and the position
 * alone.
 */
record LabelDraws(long seed) {
  /** Odd and irregular, so that neighbouring positions get unlike seeds. */
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  static LabelDraws of(Prompt prompt) {
    return new LabelDraws(Long.parseUnsignedLong(prompt.hash().hex().substring(0, 16), 16));
  }

  /** How much of all weight comes before the token that is drawn, or in it, 0..1. */
  double share(int position) {
    return new SplittableRandom(seed + STRIDE * position).nextDouble();
  }
}
