package io.sparseplan.costmodel;

import io.sparseplan.costmodel.decode.PricedSplitKv;
import io.sparseplan.costmodel.decode.SplitKvLaunch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.costmodel.decode.SplitKvTable;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prices decode steps of one workload: one new query a sequence over the keys so far, on a split-KV
 * kernel. The query heads of a KV head are read for together, so a KV head visits the union of
 * their tiles. The kernel is taken to cut keys into the chunks that end soonest.
 */
public final class DecodePricer {
  /** Tiles of a chunk that were measured. */
  private static final int[] CHUNK_TILES = {4, 8, 16, 32, 64};

  private final SplitKvTable table;
  private final AttentionShape attention;
  private final Batch batch;
  private final PricedSplitKv priced;
  private final List<List<TileLists>> tilesByLength;
  private final List<TileLists> denseByLength;
  private final List<String> warnings;

  /**
   * @param reach of the layers that are priced
   * @param candidates what a head may run; arguments named {@code candidate} index this list
   * @throws IllegalArgumentException if the workload is no decode, or the layout not causal
   * @throws io.sparseplan.plans.BadInputException if a candidate picks its tiles at run time: no
   *     profile counts those of decode steps
   */
  public DecodePricer(
      SplitKvTable table,
      AttentionShape attention,
      AttentionReach reach,
      Layout layout,
      Workload workload,
      List<Pattern> candidates) {
    if (workload.phase() != Phase.DECODE) {
      throw new IllegalArgumentException(
          "The phase (%s) of the workload is not DECODE.".formatted(workload.phase()));
    }
    switch (layout.visibility()) {
      case CAUSAL -> {}
      case BIDIRECTIONAL ->
          throw new IllegalArgumentException("A bidirectional layout has no decode phase.");
    }
    this.table = table;
    this.attention = attention;
    this.batch = new Batch(workload.batch());
    this.priced = table.priceFor(attention);
    List<ReachedTiles> grids =
        workload.lengths().stream()
            .map(entry -> new ReachedTiles(TileGrid.causal(entry.length(), layout.tile()), reach))
            .toList();
    this.tilesByLength =
        grids.stream()
            .map(grid -> candidates.stream().map(FixedPattern::of).map(grid::of).toList())
            .toList();
    this.denseByLength = grids.stream().map(grid -> grid.of(new Dense())).toList();
    this.warnings = warnings(workload);
  }

  private List<String> warnings(Workload workload) {
    var outside = new ArrayList<String>();
    priced.warning().ifPresent(outside::add);
    table
        .measured()
        .outside(
            workload.lengths().stream().map(Workload.Entry::length).toList(), batch.sequences())
        .forEach(reason -> outside.add("The decode table %s: %s".formatted(table.name(), reason)));
    return List.copyOf(outside);
  }

  /**
   * The time of one layer, both launches, at a length of the workload.
   *
   * @param lengthIndex into the lengths of the workload: keys so far
   * @param candidateOfHead the candidate of each query head of the layer
   */
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    return micros(kept(lengthIndex, candidateOfHead));
  }

  /** The time of one layer if every head reads every key in reach, on the same kernel. */
  public double denseLayerMicros(int lengthIndex) {
    return micros(
        Collections.nCopies(
            attention.kvHeads().count(), KvKept.of(List.of(denseByLength.get(lengthIndex)))));
  }

  private double micros(List<KvKept> ofKvHeads) {
    TileSize tile = priced.kernel().shape().tile();
    // A KV head that no query head reads has no thread block.
    List<Integer> visited =
        ofKvHeads.stream()
            .map(kept -> kept.tilesOf(tile.tokens()))
            .filter(tiles -> tiles > 0)
            .toList();
    if (visited.isEmpty()) {
      return 0;
    }
    return Arrays.stream(CHUNK_TILES)
        .mapToObj(
            tiles ->
                new SplitKvLaunch(priced.kernel().shape(), batch, visited, new ChunkTiles(tiles)))
        .mapToDouble(launch -> table.micros(launch, priced.kernel()))
        .min()
        .orElseThrow();
  }

  /**
   * Keys that a cache holds of each KV head of the layer for one sequence: what the next token
   * reads, in whole tiles.
   */
  public long[] keptTokens(int lengthIndex, int[] candidateOfHead) {
    return kept(lengthIndex, candidateOfHead).stream().mapToLong(KvKept::tokens).toArray();
  }

  /** Keys of one KV head that a dense cache holds for one sequence: all within reach. */
  public long denseTokens(int lengthIndex) {
    return KvKept.of(List.of(denseByLength.get(lengthIndex))).tokens();
  }

  private List<KvKept> kept(int lengthIndex, int[] candidateOfHead) {
    if (candidateOfHead.length != attention.queryHeads().count()) {
      throw new IllegalArgumentException(
          "The layer names candidates for %d heads; it has %d query heads."
              .formatted(candidateOfHead.length, attention.queryHeads().count()));
    }
    List<TileLists> ofCandidates = tilesByLength.get(lengthIndex);
    int group = attention.groupSize();
    return IntStream.range(0, attention.kvHeads().count())
        .mapToObj(
            kvHead ->
                KvKept.of(
                    Arrays.stream(candidateOfHead, kvHead * group, (kvHead + 1) * group)
                        .distinct()
                        .mapToObj(ofCandidates::get)
                        .toList()))
        .toList();
  }

  /** What was priced outside the measured range: a sentence each, none if all was measured. */
  public List<String> warnings() {
    return warnings;
  }
}
