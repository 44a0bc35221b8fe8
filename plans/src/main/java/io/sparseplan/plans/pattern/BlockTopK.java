package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;

/**
 * The key tiles with the largest pooled scores, as many for every query tile: MInference's
 * block-sparse pattern (arXiv 2407.02490, §3.2), with a budget of α + β·N tokens.
 *
 * <p>Rounded up to whole tiles: query tile i visits ⌈budget ÷ tile⌉ tiles where it sees as many,
 * its own and the first always among them.
 *
 * @param alpha the constant part of the budget, in tokens
 * @param beta the part of the budget that grows with the length, in tokens per token, 0..1
 */
public record BlockTopK(
    @JsonProperty("alphaTokens") Tokens alpha, @JsonProperty("beta") double beta)
    implements SelectedPattern {
  public BlockTopK {
    ElasticTokens.requireShare("beta", beta);
  }

  private ElasticTokens budget() {
    return new ElasticTokens(alpha, beta);
  }

  /** The tiles that win. */
  public TileLists select(PooledScores scores) {
    int most = budget().tiles(scores.grid());
    return TileLists.of(
        scores.grid(), tile -> scores.heaviest(tile, most, Double.POSITIVE_INFINITY));
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return true;
  }

  @JsonIgnore
  @Override
  public String label() {
    return "k" + budget().text();
  }
}
