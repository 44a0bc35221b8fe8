package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The chunks of keys whose mean key scores highest: MoBA's gate (arXiv 2502.13189, §2.2),
 * LongHeads' choice of chunks (arXiv 2402.10685) for a tile of queries at a time instead of each
 * query.
 *
 * <p>Idea: a chunk's score is its mean key times the mean query. The mean of its tiles' pooled
 * logits is just that, and pooled weights are e to these logits over one constant a row, so the
 * mean of the logarithms orders chunks the same. Where the last chunk is ragged, or a tile of it is
 * cut off by causality, the mean is over the tiles that are visible.
 *
 * <p>Chunks are rounded up to whole tiles. Query tile i visits its own chunk up to itself, the
 * first chunk, and the best others, {@code chunks} in all where it sees as many.
 *
 * @param chunk tokens of a chunk, at least one
 * @param chunks how many a query tile visits, at least one
 */
public record ChunkTopK(
    @JsonProperty("chunkTokens") Tokens chunk, @JsonProperty("chunks") int chunks)
    implements SelectedPattern {
  public ChunkTopK {
    if (chunk.count() < 1 || chunks < 1) {
      throw new IllegalArgumentException(
          "The chunkTokens (%s) and the chunks (%d) must be positive.".formatted(chunk, chunks));
    }
  }

  /** The tiles of the chunks that win. */
  public TileLists select(PooledScores scores) {
    return TileLists.of(scores.grid(), tile -> tiles(scores.grid(), tile, scores.rows()[tile]));
  }

  private int[] tiles(TileGrid grid, int queryTile, float[] row) {
    int width = grid.tile().tilesCovering(chunk.count());
    int count = Math.ceilDiv(row.length, width);
    int own = queryTile / width;
    var chosen = new BitSet(count);
    chosen.set(0);
    chosen.set(own);
    IntStream.range(0, count)
        .filter(
            each -> !chosen.get(each) && inReach(row, each * width, width).findAny().isPresent())
        .boxed()
        .sorted(Comparator.comparingDouble(each -> -meanLogarithm(row, each * width, width)))
        .limit(Math.max(0, chunks - chosen.cardinality()))
        .toList()
        .forEach(chosen::set);
    return IntStream.range(0, row.length).filter(tile -> chosen.get(tile / width)).toArray();
  }

  private static double meanLogarithm(float[] row, int from, int width) {
    return inReach(row, from, width).map(Math::log).average().orElseThrow();
  }

  /** The weights of the chunk's tiles that the layer reaches. */
  private static DoubleStream inReach(float[] row, int from, int width) {
    return IntStream.range(from, Math.min(from + width, row.length))
        .mapToDouble(tile -> row[tile])
        .filter(weight -> weight > 0);
  }

  @JsonIgnore
  @Override
  public String label() {
    return "c%sx%d".formatted(chunk, chunks);
  }
}
