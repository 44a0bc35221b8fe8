package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileLists;
import java.util.stream.IntStream;

/**
 * The key tiles whose pooled weight is at least a threshold: SeerAttention's {@code threshold}
 * (arXiv 2410.13276, §3) with pooled scores in the place of its learned gate.
 *
 * <p>Query tile i visits its own tile, the first, and every other of that weight.
 *
 * @param threshold of the pooled softmax weight, 0..1
 */
public record BlockThreshold(@JsonProperty("threshold") double threshold)
    implements SelectedPattern {
  public BlockThreshold {
    ElasticTokens.requireShare("threshold", threshold);
  }

  /** The tiles that reach the threshold. */
  public TileLists select(PooledScores scores) {
    return TileLists.of(
        scores.grid(),
        queryTile -> {
          float[] row = scores.rows()[queryTile];
          return IntStream.range(0, row.length)
              .filter(
                  tile -> tile == 0 || tile == queryTile || row[tile] > 0 && row[tile] >= threshold)
              .toArray();
        });
  }

  @JsonIgnore
  @Override
  public String label() {
    return "t" + ElasticTokens.number(threshold);
  }
}
