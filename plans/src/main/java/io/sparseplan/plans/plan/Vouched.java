package io.sparseplan.plans.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Optional;

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

  /** The longest prompts that run patterns; empty where prompts of any length do. */
  public Optional<Tokens> longestSparse() {
    return switch (beyond) {
      case DENSE -> Optional.of(upTo);
      case PATTERNS -> Optional.empty();
    };
  }

  /** Whether prompts of this length run dense. */
  public boolean isDenseAt(Tokens length) {
    return longestSparse().filter(longest -> length.compareTo(longest) > 0).isPresent();
  }
}
