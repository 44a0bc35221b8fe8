package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.Tokens;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * HiP's pruning in stages (arXiv 2406.09827; InfiniteHiP, arXiv 2502.08910, §3, and its code): each
 * stage keeps the best chunks of what the one before left, the last leaves {@code budget} tokens,
 * and a sink and a window are always read.
 *
 * <p>Idea: keys near each other score alike, so one key speaks for its chunk. A block of queries
 * looks for it by halving: of the two halves of a chunk the one goes on whose first key scores
 * higher with any of the block's queries, until one key is left. Chunks are ranked by that key's
 * score; of equals the earlier wins. A stage starts from the chunks that the one before ranks best,
 * cut into its own.
 *
 * <p>Query block i chooses among the keys between the sink and the window of its first query. Where
 * a coarser stage begins before a finer block, the window reaches back from where that stage began.
 * Rounded up to whole tiles: a query tile visits what any of its blocks reads. The peer gathers
 * chunks, so that its kernel reads less than the tiles here hold.
 *
 * @param stages from the coarsest, at least one
 * @param budget keys that the last stage leaves to each block of queries
 * @param window tokens before the query that are always read
 * @param sink tokens at the start that are always read
 */
public record HierarchicalTopK(
    @JsonProperty("stages") List<Stage> stages,
    @JsonProperty("budgetTokens") Tokens budget,
    @JsonProperty("windowTokens") Tokens window,
    @JsonProperty("sinkTokens") Tokens sink)
    implements SelectedPattern {
  /**
   * One stage.
   *
   * @param queryBlock queries that choose together
   * @param queryStride one query in so many speaks for its block
   * @param chunk keys that are kept or dropped together
   * @param keep keys that the stage looks at: the best chunks of the one before; 0 for all of them
   * @param blockStride one block in so many chooses, for those after it too
   */
  public record Stage(
      @JsonProperty("queryBlockTokens") Tokens queryBlock,
      @JsonProperty("queryStrideTokens") Tokens queryStride,
      @JsonProperty("chunkTokens") Tokens chunk,
      @JsonProperty("keepTokens") Tokens keep,
      @JsonProperty("blockStride") int blockStride) {
    public Stage {
      if (queryBlock.count() < 1
          || queryStride.count() < 1
          || chunk.count() < 1
          || blockStride < 1) {
        throw new IllegalArgumentException(
            "The blocks (%s), strides (%s, %s) and chunks (%s) of a stage must be positive."
                .formatted(queryBlock, queryStride, blockStride, chunk));
      }
    }

    /** Queries whose keys one block chooses. */
    private long span() {
      return (long) queryBlock.count() * blockStride;
    }

    /** The first query of the block that chooses for the query. */
    private int firstQuery(int query) {
      return (int) (query / span() * span());
    }
  }

  public HierarchicalTopK {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("The stages are none.");
    }
    if (budget.count() < 1) {
      throw new IllegalArgumentException(
          "The budgetTokens (%s) must be positive.".formatted(budget));
    }
  }

  /** Keys that are kept or dropped together, and what their representative scores. */
  private record Chunk(int first, int end, double score) {}

  /** The tiles that hold the chunks which win. */
  public TileLists select(HeadVectors head) {
    TileGrid grid = head.grid();
    var kept = new BitSet[grid.tiles()];
    for (int tile = 0; tile < kept.length; tile++) {
      kept[tile] = new BitSet();
      kept[tile].set(0, grid.tile().tilesCovering(Math.min(sink.count(), grid.endToken(tile))));
      kept[tile].set(tile);
    }
    keep(head, 0, 0, grid.length().count(), List.of(), kept);
    return TileLists.of(grid, tile -> kept[tile].get(0, tile + 1).stream().toArray());
  }

  /**
   * Goes through the blocks of a stage within some queries, and from each on to the next stage.
   *
   * @param left chunks that the stage before ranks, the best first
   */
  private void keep(
      HeadVectors head, int nth, int fromQuery, int endQuery, List<Chunk> left, BitSet[] kept) {
    Stage stage = stages.get(nth);
    for (int first = fromQuery; first < endQuery; ) {
      int end = (int) Math.min(endQuery, (long) stage.firstQuery(first) + stage.span());
      List<Chunk> ranked = ranked(head, stage, first, end, nth == 0 ? whole(first) : left);
      if (nth + 1 < stages.size()) {
        Stage next = stages.get(nth + 1);
        int most = next.keep.count() == 0 ? Integer.MAX_VALUE : next.keep.count();
        keep(head, nth + 1, first, end, best(ranked, most / stage.chunk.count()), kept);
      } else {
        read(head.grid(), first, end, best(ranked, budget.count() / stage.chunk.count()), kept);
      }
      if (nth == 0) {
        readWindow(head.grid(), first, end, kept);
      }
      first = end;
    }
  }

  private static List<Chunk> best(List<Chunk> ranked, int count) {
    return ranked.subList(0, Math.min(ranked.size(), Math.max(1, count)));
  }

  /** All keys that a block which begins here may choose among. */
  private List<Chunk> whole(int firstQuery) {
    int end = firstQuery - window.count();
    return end > sink.count() ? List.of(new Chunk(sink.count(), end, 0)) : List.of();
  }

  /** The stage's chunks of what is left, the best first. */
  private static List<Chunk> ranked(
      HeadVectors head, Stage stage, int fromQuery, int endQuery, List<Chunk> left) {
    int end = Math.min(endQuery, fromQuery + stage.queryBlock.count());
    var chunks = new ArrayList<Chunk>();
    for (Chunk whole : left) {
      for (int first = whole.first; first < whole.end; first += stage.chunk.count()) {
        int last = (int) Math.min(whole.end, (long) first + stage.chunk.count());
        chunks.add(scored(head, stage, fromQuery, end, first, last));
      }
    }
    chunks.sort(
        Comparator.comparingDouble((Chunk chunk) -> -chunk.score).thenComparingInt(Chunk::first));
    return chunks;
  }

  private static Chunk scored(
      HeadVectors head, Stage stage, int fromQuery, int endQuery, int first, int end) {
    int from = first;
    int to = end;
    double score = highest(head, stage, fromQuery, endQuery, from);
    while (to - from > 1) {
      int middle = (from + to) >>> 1;
      double ofSecond = highest(head, stage, fromQuery, endQuery, middle);
      if (ofSecond > score) {
        from = middle;
        score = ofSecond;
      } else {
        to = middle;
      }
    }
    return new Chunk(first, end, score);
  }

  private static double highest(
      HeadVectors head, Stage stage, int fromQuery, int endQuery, int key) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int query = fromQuery; query < endQuery; query += stage.queryStride.count()) {
      highest = Math.max(highest, head.product(query, key));
    }
    return highest;
  }

  private static void read(
      TileGrid grid, int fromQuery, int endQuery, List<Chunk> chunks, BitSet[] kept) {
    int tokens = grid.tile().tokens();
    for (int tile = fromQuery / tokens; tile <= (endQuery - 1) / tokens; tile++) {
      for (Chunk chunk : chunks) {
        kept[tile].set(chunk.first / tokens, (chunk.end - 1) / tokens + 1);
      }
    }
  }

  private void readWindow(TileGrid grid, int fromQuery, int endQuery, BitSet[] kept) {
    int tokens = grid.tile().tokens();
    for (int tile = fromQuery / tokens; tile <= (endQuery - 1) / tokens; tile++) {
      kept[tile].set(Math.max(0, fromQuery - window.count()) / tokens, tile + 1);
    }
  }

  @JsonIgnore
  @Override
  public String label() {
    return "hip%s:%s+s%s+w%s"
        .formatted(
            stages.stream()
                .map(
                    stage ->
                        "(%s/%s,%s/%s:%s)"
                            .formatted(
                                stage.queryBlock,
                                stage.queryStride,
                                stage.chunk,
                                stage.blockStride,
                                stage.keep))
                .collect(Collectors.joining()),
            budget,
            sink,
            window);
  }
}
