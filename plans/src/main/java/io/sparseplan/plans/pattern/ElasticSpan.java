package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import java.util.stream.IntStream;

/**
 * The first {@code sink} tokens and a window of α + β·N tokens that ends at the query, for N tokens
 * of context: MoA's elastic span (arXiv 2406.14909, §4.1); with β = 0 it is StreamingLLM's A-shape
 * (arXiv 2309.17453).
 *
 * <p>Rounded up to whole tiles: query tile i visits the tiles that hold a sink token and the last
 * ⌈window ÷ tile⌉ tiles up to its own, at least its own. Where not causal, the window reaches as
 * far to the other side.
 *
 * @param sink tokens at the start that every query sees
 * @param alpha the constant part of the window, in tokens
 * @param beta the part of the window that grows with the length, in tokens per token, 0..1
 */
public record ElasticSpan(
    @JsonProperty("sinkTokens") Tokens sink,
    @JsonProperty("alphaTokens") Tokens alpha,
    @JsonProperty("beta") double beta)
    implements FixedPattern {
  public ElasticSpan {
    ElasticTokens.requireShare("beta", beta);
  }

  private ElasticTokens window() {
    return new ElasticTokens(alpha, beta);
  }

  /** The window at this length, in tokens, before rounding to tiles. */
  public long windowTokens(Tokens length) {
    return window().at(length);
  }

  /** The window in tiles at the grid's length: at least the query's own tile. */
  public int windowTiles(TileGrid grid) {
    return window().tiles(grid);
  }

  /** How many tiles hold a sink token. */
  public int sinkTiles(TileSize tile) {
    return tile.tilesCovering(sink.count());
  }

  @Override
  public int[] keyTiles(TileGrid grid, int queryTile) {
    int last = grid.lastVisibleKeyTile(queryTile);
    int windowTiles = windowTiles(grid);
    int windowStart = Math.max(0, queryTile - windowTiles + 1);
    int windowEnd = (int) Math.min(last, (long) queryTile + windowTiles - 1);
    int sinkEnd = Math.min(sinkTiles(grid.tile()), last + 1);
    return IntStream.concat(
            IntStream.range(0, sinkEnd),
            IntStream.rangeClosed(Math.max(windowStart, sinkEnd), windowEnd))
        .toArray();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "s%d+w%s".formatted(sink.count(), window().text());
  }
}
