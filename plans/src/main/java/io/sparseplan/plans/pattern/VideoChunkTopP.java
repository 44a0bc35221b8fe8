package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The fewest chunks of a video that come to a share of the gate: VMoBA's {@code threshold} (arXiv
 * 2506.23858, §3.3, and FastVideo's code).
 *
 * <p>Scores are mapped to 0..1, the least to 0 and the greatest to 1, over the chunks of a query
 * tile or over all pairs of a head. Own chunks are kept, then others by falling score until all
 * have {@code coverage} of the sum; as in the code, at least one other. Of equals the one of the
 * lower tile and chunk wins.
 *
 * <p>Rounded up to whole tiles: a tile is visited that holds a token of a kept chunk.
 *
 * @param chunk the size of a chunk, cut to the video
 * @param coverage τ, 0..1
 */
public record VideoChunkTopP(
    @JsonProperty("chunk") Extents chunk,
    @JsonProperty("coverage") double coverage,
    @JsonProperty("among") ChosenAmong among)
    implements SelectedPattern {
  /** As in FastVideo's code: what keeps it from dividing by zero. */
  private static final double EPSILON = 1e-6;

  public VideoChunkTopP {
    ElasticTokens.requireShare("coverage", coverage);
  }

  private record Pair(int queryTile, int chunk, double score) {}

  /** The tiles of the chunks that win. */
  public TileLists select(ChunkScores scores) {
    BitSet[] kept =
        IntStream.range(0, scores.rows().length)
            .mapToObj(scores.chunks()::ofTile)
            .toArray(BitSet[]::new);
    int[] choosing = scores.chunks().choosingTiles();
    switch (among) {
      case QUERY -> {
        for (int tile : choosing) {
          keep(scores, kept, tile);
        }
      }
      case HEAD -> {
        if (choosing.length > 0) {
          keep(scores, kept, choosing);
        }
      }
    }
    return scores.chunks().tiles(kept);
  }

  private void keep(ChunkScores scores, BitSet[] kept, int... tiles) {
    List<Pair> pairs =
        Arrays.stream(tiles)
            .boxed()
            .flatMap(
                tile ->
                    IntStream.range(0, scores.chunks().count())
                        .mapToObj(chunk -> new Pair(tile, chunk, scores.rows()[tile][chunk])))
            .toList();
    double least = pairs.stream().mapToDouble(Pair::score).min().orElseThrow();
    double span = pairs.stream().mapToDouble(Pair::score).max().orElseThrow() - least;
    double scale = span <= EPSILON ? 1 : span;
    double all = 0;
    double reached = 0;
    for (Pair pair : pairs) {
      double share = (pair.score - least) / scale;
      all += share;
      reached += kept[pair.queryTile].get(pair.chunk) ? share : 0;
    }
    double enough = coverage * (all + EPSILON);
    boolean more = true;
    for (Pair pair :
        pairs.stream()
            .filter(pair -> !kept[pair.queryTile].get(pair.chunk))
            .sorted(Comparator.comparingDouble(pair -> -pair.score))
            .toList()) {
      if (more) {
        kept[pair.queryTile].set(pair.chunk);
        reached += (pair.score - least) / scale;
        more = reached < enough;
      }
    }
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "chunks(%s)p%s%s"
        .formatted(
            chunk.text(), ElasticTokens.number(coverage), among == ChosenAmong.HEAD ? "h" : "");
  }
}
