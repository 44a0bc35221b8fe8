package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.geometry.Tokens;
import java.util.HashSet;
import java.util.List;

/**
 * Double Sparsity's decoding (arXiv 2408.07092, §3): the tokens whose keys score highest on a few
 * channels of query and key alone, as many as the budget.
 *
 * @param channels of the rotated head in Hugging Face's half-split order, by falling weight
 * @param budget tokens that each step reads, at least one
 */
public record HeavyChannels(
    @JsonProperty("channels") List<Integer> channels, @JsonProperty("budgetTokens") Tokens budget)
    implements DecodePattern {
  public HeavyChannels {
    channels = List.copyOf(channels);
    if (channels.isEmpty()
        || channels.stream().anyMatch(channel -> channel < 0)
        || new HashSet<>(channels).size() != channels.size()) {
      throw new IllegalArgumentException(
          "The channels %s must be different numbers from 0 on.".formatted(channels));
    }
    if (budget.count() < 1) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be positive.".formatted(budget));
    }
  }

  /**
   * The tokens that a step reads.
   *
   * @param scores of the keys so far, Σ q·k over the channels; −∞ where the query does not see them
   */
  public StepTokens read(double[] scores) {
    return StepTokens.of(TopTokens.of(scores, budget.count()));
  }

  /** Numbers of channels and tokens, and the start of a hash that tells sets of channels apart. */
  @Override
  public Tokens readTokens(Tokens keys) {
    return Tokens.of(Math.min(keys.count(), budget.count()));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "h%d:%s#%s"
        .formatted(channels.size(), budget, Sha256.of(channels.toString()).hex().substring(0, 8));
  }
}
