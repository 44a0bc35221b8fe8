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
 * The chunks of a video whose mean key fits a query tile best: VMoBA's {@code topk} (arXiv
 * 2506.23858, §3.2), BiFormer's routed regions (arXiv 2303.08810, §3.2), the selection branch of
 * Direct3D-S2 (arXiv 2505.17412, §3.2).
 *
 * <p>Query tile i keeps its own chunks and the best others, {@code chunks} in all; among all pairs
 * of a head it is the best pairs, {@code chunks} for each query tile on average. Of equals the one
 * of the lower tile and chunk wins. (The peers choose for each query, or each region of queries; a
 * kernel that skips tiles chooses for a tile.)
 *
 * <p>Rounded up to whole tiles: a tile is visited that holds a token of a kept chunk.
 *
 * @param chunk the size of a chunk, cut to the video
 * @param chunks how many, the own ones among them, at least one
 */
public record VideoChunkTopK(
    @JsonProperty("chunk") Extents chunk,
    @JsonProperty("chunks") int chunks,
    @JsonProperty("among") ChosenAmong among)
    implements SelectedPattern {
  public VideoChunkTopK {
    if (chunks < 1) {
      throw new IllegalArgumentException("The chunks (%d) must be positive.".formatted(chunks));
    }
  }

  private record Pair(int queryTile, int chunk, double score) {}

  /** The tiles of the chunks that win. */
  public TileLists select(ChunkScores scores) {
    VideoChunks of = scores.chunks();
    BitSet[] kept =
        IntStream.range(0, scores.rows().length).mapToObj(of::ofTile).toArray(BitSet[]::new);
    int[] choosing = of.choosingTiles();
    switch (among) {
      case QUERY -> {
        for (int tile : choosing) {
          take(scores, kept, tile);
        }
      }
      case HEAD -> take(scores, kept, choosing);
    }
    return of.tiles(kept);
  }

  /** Takes the best pairs of these tiles, while there are fewer than the budget allows. */
  private void take(ChunkScores scores, BitSet[] kept, int... tiles) {
    long own = Arrays.stream(tiles).mapToLong(tile -> kept[tile].cardinality()).sum();
    List<Pair> best =
        Arrays.stream(tiles)
            .boxed()
            .flatMap(
                tile ->
                    IntStream.range(0, scores.chunks().count())
                        .filter(chunk -> !kept[tile].get(chunk))
                        .mapToObj(chunk -> new Pair(tile, chunk, scores.rows()[tile][chunk])))
            .sorted(Comparator.comparingDouble(pair -> -pair.score))
            .limit(Math.max(0, (long) chunks * tiles.length - own))
            .toList();
    best.forEach(pair -> kept[pair.queryTile].set(pair.chunk));
  }

  @Override
  public boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  @JsonIgnore
  @Override
  public String label() {
    return "chunks(%s)k%d%s".formatted(chunk.text(), chunks, among == ChosenAmong.HEAD ? "h" : "");
  }
}
