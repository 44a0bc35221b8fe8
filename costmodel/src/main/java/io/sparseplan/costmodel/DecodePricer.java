package io.sparseplan.costmodel;

import io.sparseplan.costmodel.KvStep.Reads;
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
import io.sparseplan.plans.pattern.DecodePattern;
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
 * their tiles and reads what their rules gather ({@link KvStep}). The kernel is taken to cut keys
 * into the chunks that end soonest, and to read gathered tokens as fast as whole tiles of them.
 */
public final class DecodePricer {
  /** Tiles of a chunk that were measured. */
  private static final int[] CHUNK_TILES = {4, 8, 16, 32, 64};

  private final SplitKvTable table;
  private final AttentionShape attention;
  private final Batch batch;
  private final PricedSplitKv priced;
  private final List<List<Reads>> readsByLength;
  private final List<TileLists> denseByLength;
  private final List<String> warnings;

  /**
   * @param reach of the layers that are priced
   * @param candidates what a head may run; arguments named {@code candidate} index this list
   * @throws IllegalArgumentException if the workload is no decode, or the layout not causal
   * @throws io.sparseplan.plans.BadInputException if a candidate picks tiles at run time: no
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
    this.readsByLength =
        grids.stream()
            .map(grid -> candidates.stream().map(pattern -> reads(pattern, grid)).toList())
            .toList();
    this.denseByLength = grids.stream().map(grid -> grid.of(new Dense())).toList();
    this.warnings = warnings(workload, candidates);
  }

  private static Reads reads(Pattern pattern, ReachedTiles grid) {
    return pattern instanceof DecodePattern rule
        ? new Reads.Rule(rule)
        : new Reads.Tiles(grid.of(FixedPattern.of(pattern)));
  }

  private List<String> warnings(Workload workload, List<Pattern> candidates) {
    var outside = new ArrayList<String>();
    if (candidates.stream().anyMatch(DecodePattern.class::isInstance)) {
      outside.add(
          "Choosing tokens at each step is priced by its traffic, which is the least that it takes,"
              + " and single tokens like whole tiles of them; nobody measured either.");
    }
    priced.warning().ifPresent(outside::add);
    table
        .measured()
        .outside(
            workload.lengths().stream().map(Workload.Entry::length).toList(), batch.sequences())
        .forEach(reason -> outside.add("The decode table %s: %s".formatted(table.name(), reason)));
    return List.copyOf(outside);
  }

  /**
   * The time of one layer, choosing and both launches, at a length of the workload.
   *
   * @param lengthIndex into the lengths of the workload: keys so far
   * @param candidateOfHead the candidate of each query head of the layer
   */
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    return micros(steps(lengthIndex, candidateOfHead));
  }

  /** What it takes to read or write so many bytes for each sequence of the batch. */
  double trafficMicros(double bytes) {
    return batch.sequences() * bytes / table.constants().bytesPerMicro();
  }

  /** The time of one layer if every head reads every key in reach, on the same kernel. */
  public double denseLayerMicros(int lengthIndex) {
    TileLists dense = denseByLength.get(lengthIndex);
    return micros(
        Collections.nCopies(
            attention.kvHeads().count(),
            KvStep.of(List.of(new Reads.Tiles(dense)), dense, attention)));
  }

  private double micros(List<KvStep> ofKvHeads) {
    double choosing = trafficMicros(ofKvHeads.stream().mapToDouble(KvStep::choosingBytes).sum());
    return choosing + attentionMicros(ofKvHeads);
  }

  private double attentionMicros(List<KvStep> ofKvHeads) {
    TileSize tile = priced.kernel().shape().tile();
    // A KV head that no query head reads has no thread block.
    List<Integer> visited =
        ofKvHeads.stream()
            .map(step -> step.tilesOf(tile.tokens()))
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
   * Keys that a cache holds of each KV head of the layer for one sequence: the tiles that the next
   * token visits, and what a rule keeps; all of them where it chooses anew.
   */
  public long[] keptTokens(int lengthIndex, int[] candidateOfHead) {
    return steps(lengthIndex, candidateOfHead).stream().mapToLong(KvStep::heldTokens).toArray();
  }

  /** Keys that the next token reads of each KV head of the layer for one sequence. */
  public long[] readTokens(int lengthIndex, int[] candidateOfHead) {
    return steps(lengthIndex, candidateOfHead).stream().mapToLong(KvStep::readTokens).toArray();
  }

  /** Keys of one KV head that a dense cache holds for one sequence: all within reach. */
  public long denseTokens(int lengthIndex) {
    return KvKept.of(List.of(denseByLength.get(lengthIndex))).tokens();
  }

  private List<KvStep> steps(int lengthIndex, int[] candidateOfHead) {
    if (candidateOfHead.length != attention.queryHeads().count()) {
      throw new IllegalArgumentException(
          "The layer names candidates for %d heads; it has %d query heads."
              .formatted(candidateOfHead.length, attention.queryHeads().count()));
    }
    List<Reads> ofCandidates = readsByLength.get(lengthIndex);
    int group = attention.groupSize();
    return IntStream.range(0, attention.kvHeads().count())
        .mapToObj(
            kvHead ->
                KvStep.of(
                    Arrays.stream(candidateOfHead, kvHead * group, (kvHead + 1) * group)
                        .mapToObj(ofCandidates::get)
                        .toList(),
                    denseByLength.get(lengthIndex),
                    attention))
        .toList();
  }

  /** What was priced outside the measured range: a sentence each, none if all was measured. */
  public List<String> warnings() {
    return warnings;
  }
}
