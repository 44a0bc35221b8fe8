package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;

/**
 * An {@link ElasticSpan} whose last queries see every key: the tri-shape of SCBench (arXiv
 * 2412.10319, §3.2), there with a window that does not grow. A question at the end of a prompt then
 * reaches all of it, for the price of a few dense rows.
 *
 * <p>Rounded up to whole tiles: query tiles that hold one of the last {@code last} tokens are
 * dense.
 *
 * @param sink tokens at the start that every query sees
 * @param alpha the constant part of the window, in tokens
 * @param beta the part of the window that grows with the length, in tokens per token, 0..1
 * @param last queries at the end that see every key, at least one
 */
public record TriShape(
    @JsonProperty("sinkTokens") Tokens sink,
    @JsonProperty("alphaTokens") Tokens alpha,
    @JsonProperty("beta") double beta,
    @JsonProperty("lastTokens") Tokens last)
    implements FixedPattern {
  public TriShape {
    if (last.count() < 1) {
      throw new IllegalArgumentException(
          "The lastTokens (%d) must be positive.".formatted(last.count()));
    }
    new ElasticSpan(sink, alpha, beta);
  }

  /** What queries before the last ones see. */
  public ElasticSpan span() {
    return new ElasticSpan(sink, alpha, beta);
  }

  /** The first query tile that sees every key. */
  public int firstDenseQueryTile(TileGrid grid) {
    int firstToken = Math.max(0, grid.length().count() - last.count());
    return firstToken / grid.tile().tokens();
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    return queryTile >= firstDenseQueryTile(grid)
        ? new Dense().keyTiles(grid, queryTile)
        : span().keyTiles(grid, queryTile);
  }

  @JsonIgnore
  @Override
  public String label() {
    return span().label() + "+q" + last.count();
  }
}
