package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import java.util.stream.IntStream;

/**
 * The key tiles that score nearly as much as an anchor: AnchorAttention's difference-aware choice
 * (arXiv 2505.23520, §3), on tiles.
 *
 * <p>Idea: the largest scores of a row mostly lie in the first tokens and in the query's own
 * neighbourhood, so the larger of the two is known without a look at the rest. A tile is visited
 * where its pooled logit is at most {@code difference} below that anchor; no sorting, no budget.
 * (The peer keeps single columns, for several query tiles at once; a kernel that skips tiles
 * cannot.)
 *
 * @param difference θ, in the logits' natural unit, at least 0
 */
public record AnchorThreshold(@JsonProperty("difference") double difference)
    implements SelectedPattern {
  public AnchorThreshold {
    if (!(difference >= 0 && Double.isFinite(difference))) {
      throw new IllegalArgumentException(
          "The difference (%s) must not be negative.".formatted(difference));
    }
  }

  /** The first tile, the query tile's own, and those near enough to the larger of the two. */
  public TileLists select(PooledScores scores) {
    return TileLists.of(
        scores.grid(),
        queryTile -> {
          float[] row = scores.rows()[queryTile];
          double least = Math.max(row[0], row[queryTile]) * Math.exp(-difference);
          return IntStream.range(0, row.length)
              .filter(tile -> tile == 0 || tile == queryTile || row[tile] > 0 && row[tile] >= least)
              .toArray();
        });
  }

  @JsonIgnore
  @Override
  public String label() {
    return "a" + ElasticTokens.number(difference);
  }
}
