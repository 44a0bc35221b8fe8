package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;

/**
 * The fewest key tiles whose pooled scores come to a share of the whole, up to a cap: FlexPrefill's
 * cumulative γ on pooled scores (arXiv 2502.20766), row by row as XAttention's τ (arXiv
 * 2503.16428), with the cap of MInference's later configurations.
 *
 * <p>Rounded up to whole tiles: query tile i takes its own tile and the first, then others by
 * falling score until all have {@code coverage} of the pooled weight, or are ⌈cap ÷ tile⌉.
 *
 * @param coverage the share of the pooled weight to reach, 0..1
 * @param alpha the constant part of the cap, in tokens
 * @param beta the part of the cap that grows with the length, in tokens per token, 0..1; 1 caps
 *     nothing
 */
public record BlockTopP(
    @JsonProperty("coverage") double coverage,
    @JsonProperty("alphaTokens") Tokens alpha,
    @JsonProperty("beta") double beta)
    implements SelectedPattern {
  public BlockTopP {
    ElasticTokens.requireShare("coverage", coverage);
    ElasticTokens.requireShare("beta", beta);
  }

  private ElasticTokens cap() {
    return new ElasticTokens(alpha, beta);
  }

  /** The tiles that win. */
  public TileLists select(PooledScores scores) {
    int most = cap().tiles(scores.grid());
    return TileLists.of(scores.grid(), tile -> scores.heaviest(tile, most, coverage));
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "p" + ElasticTokens.number(coverage) + (beta < 1 ? ":" + cap().text() : "");
  }
}
