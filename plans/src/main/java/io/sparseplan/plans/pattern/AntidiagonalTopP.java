package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;

/**
 * XAttention's selection (arXiv 2503.16428, §3): the tiles whose antidiagonal sums, of scores taken
 * every {@code stride} tokens, come to a share τ of the row's, beside the first and the query's
 * own.
 *
 * <p>Idea: an antidiagonal of a square of S × S scores meets every column and every diagonal that
 * crosses the square, so its sum stands for the square. Query tile i takes its own tile and the
 * first, then others by falling share until all have {@code coverage}.
 *
 * @param stride S of the sums, in tokens: one S-th of Q·Kᵀ is computed; it divides the tile
 * @param coverage τ, 0..1; 0 keeps the first and the query's own tile alone
 */
public record AntidiagonalTopP(
    @JsonProperty("strideTokens") int stride, @JsonProperty("coverage") double coverage)
    implements SelectedPattern {
  public AntidiagonalTopP {
    if (stride < 1) {
      throw new IllegalArgumentException(
          "The strideTokens (%d) must be positive.".formatted(stride));
    }
    ElasticTokens.requireShare("coverage", coverage);
  }

  /**
   * The tiles that win.
   *
   * @param shares of each row by the antidiagonal sums of this stride
   */
  public TileLists select(PooledScores shares) {
    return TileLists.of(shares.grid(), tile -> shares.heaviest(tile, Integer.MAX_VALUE, coverage));
  }

  @JsonIgnore
  @Override
  public String label() {
    return "x%d:%s".formatted(stride, ElasticTokens.number(coverage));
  }
}
