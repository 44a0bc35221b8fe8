package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;

/**
 * How far a plan's patterns are vouched for: by what was profiled, or because a goal named the
 * length. It is {@link DenseWins} from the other end: below one length dense is faster, beyond the
 * other nobody knows what the patterns lose.
 *
 * @param upTo the longest length that is vouched for
 * @param beyond what heads run on longer prompts
 */
public record Vouched(@JsonProperty("upToTokens") Tokens upTo, Beyond beyond) {
  /** What heads run on prompts that are longer. */
  public enum Beyond {
    /** Dense attention, prompt and answer. */
    @JsonProperty("dense")
    DENSE,

    /** Their patterns, whatever those lose there. */
    @JsonProperty("patterns")
    PATTERNS
  }

  /** Whether prompts of this length run dense. */
  public boolean isDenseAt(Tokens length) {
    return beyond == Beyond.DENSE && length.compareTo(upTo) > 0;
  }
}
