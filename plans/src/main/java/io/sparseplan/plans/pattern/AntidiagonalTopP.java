package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * XAttention's selection (arXiv 2503.16428, §3): the tiles whose antidiagonal sums, of scores taken
 * every {@code stride} tokens, come to a share τ of the row's, beside the first and the query's
 * own.
 *
 * @param stride S of the sums, in tokens: one S-th of Q·Kᵀ is computed
 * @param coverage τ, 0..1; 0 keeps the first and the query's own tile alone
 */
public record AntidiagonalTopP(
    @JsonProperty("strideTokens") int stride, @JsonProperty("coverage") double coverage)
    implements DeclaredPattern {
  public AntidiagonalTopP {
    if (stride < 1) {
      throw new IllegalArgumentException(
          "The strideTokens (%d) must be positive.".formatted(stride));
    }
    ElasticTokens.requireShare("coverage", coverage);
  }

  @Override
  public String needs() {
    return "the sums of scores along antidiagonals, at its own stride, on each prompt";
  }

  @JsonIgnore
  @Override
  public String label() {
    return "x%d:%s".formatted(stride, ElasticTokens.number(coverage));
  }
}
