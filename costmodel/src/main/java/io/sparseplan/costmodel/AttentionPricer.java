package io.sparseplan.costmodel;

import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.runtime.AttentionRuntime;
import io.sparseplan.costmodel.runtime.Launches;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Prices attention layers of one workload, as one runtime runs them. Safe for use by several
 * threads.
 *
 * <p>Idea: a layer is one launch or several, one after another; the blocks of each run in launch
 * order: query tile fastest, then prompt of the batch, then query head, as PyTorch 2.11's
 * FlexAttention numbers its grid. What chooses tiles at run time, and what lays tokens out anew,
 * comes before. Where a dense kernel of the runtime is faster than all this, the layer runs dense.
 */
public final class AttentionPricer {
  private final DeviceTable table;
  private final AttentionShape attention;
  private final AttentionRuntime runtime;
  private final int batch;
  private final double cacheMegabytes;
  private final KernelShape shape;
  private final List<LengthPrices> byLength;
  private final List<String> warnings;

  /** The kernel alone, in layers that see every key. */
  public AttentionPricer(
      DeviceTable table,
      AttentionShape attention,
      Layout layout,
      Workload workload,
      List<Pattern> candidates) {
    this(
        table,
        AttentionRuntime.KERNEL_ALONE,
        attention,
        new AttentionReach.Everything(),
        layout,
        workload,
        candidates);
  }

  /** Of patterns that have one price in all heads. */
  public AttentionPricer(
      DeviceTable table,
      AttentionRuntime runtime,
      AttentionShape attention,
      AttentionReach reach,
      Layout layout,
      Workload workload,
      List<Pattern> candidates) {
    this(table, runtime, attention, reach, layout, workload, HeadOffers.of(candidates));
  }

  /**
   * @param reach of the layers that are priced; dense attention ends there too
   * @param offers what a head may run; arguments named {@code candidate} index these
   * @throws IllegalArgumentException if the workload is not a prefill; {@link DecodePricer} prices
   *     the other
   * @throws BadInputException if one of its launches is larger than any GPU runs: to simulate it
   *     would take hours
   */
  public AttentionPricer(
      DeviceTable table,
      AttentionRuntime runtime,
      AttentionShape attention,
      AttentionReach reach,
      Layout layout,
      Workload workload,
      HeadOffers offers) {
    if (workload.phase() != Phase.PREFILL) {
      throw new IllegalArgumentException(
          "The phase (%s) of the workload is not PREFILL.".formatted(workload.phase()));
    }
    workload.lengths().forEach(entry -> requireLaunch(entry.length(), workload, layout, attention));
    this.table = table;
    this.runtime = runtime;
    this.attention = attention;
    this.batch = workload.batch();
    this.cacheMegabytes = table.cacheMegabytes();
    PricedShape priced = table.priceFor(attention.headDim(), layout.tile(), layout.visibility());
    this.shape = priced.shape();
    List<DenseKernel> dense =
        table.otherDense().stream()
            .filter(other -> other.shape().headDim().equals(shape.headDim()))
            .toList();
    this.byLength =
        workload.lengths().stream()
            .map(
                entry ->
                    new LengthPrices(
                        new ReachedTiles(layout.grid(entry.length()), reach),
                        reading(LaunchTensors.of(attention, entry.length(), batch)),
                        table.kernel(),
                        dense,
                        new Prologue(table, runtime, shape, attention, batch),
                        offers))
            .toList();
    this.warnings =
        PriceWarnings.of(table, runtime, priced, layout.visibility(), workload, offers.patterns());
  }

  private static void requireLaunch(
      Tokens length, Workload workload, Layout layout, AttentionShape attention) {
    long tiles = layout.tile().tilesCovering(length.count());
    long headsOfBatch = Math.multiplyFull(attention.queryHeads().count(), workload.batch());
    if (tiles > Launch.MOST_TILES || headsOfBatch > Launch.MOST_BLOCKS / Math.max(1, tiles)) {
      throw new BadInputException(
          "No GPU launches %d query heads at length %s and batch %d: tiles (%d) are at most %d, thread blocks %d."
              .formatted(
                  attention.queryHeads().count(),
                  length,
                  workload.batch(),
                  tiles,
                  Launch.MOST_TILES,
                  Launch.MOST_BLOCKS),
          "choose a shorter length or a smaller batch; a file that says this is damaged.");
    }
  }

  /**
   * The time of one layer, launches and all, at a length of the workload.
   *
   * @param lengthIndex into the lengths of the workload
   * @param candidateOfHead the candidate of each query head of the layer
   */
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    requireAllHeads(candidateOfHead);
    LengthPrices prices = byLength.get(lengthIndex);
    double sparse =
        prologueMicros(prices, candidateOfHead)
            + micros(launches(prices, visits(prices, candidateOfHead)));
    return fastestPath(prices, sparse);
  }

  private void requireAllHeads(int[] candidateOfHead) {
    if (candidateOfHead.length != attention.queryHeads().count()) {
      throw new IllegalArgumentException(
          "The layer names candidates for %d heads; it has %d query heads."
              .formatted(candidateOfHead.length, attention.queryHeads().count()));
    }
  }

  private double fastestPath(LengthPrices prices, double sparseMicros) {
    double fastest = sparseMicros;
    for (DenseLaunch dense : prices.dense()) {
      if (isRun(dense)) {
        fastest = Math.min(fastest, dense.layerMicros());
      }
    }
    return fastest;
  }

  private boolean isRun(DenseLaunch dense) {
    return runtime.denseKernels().contains(dense.kernel());
  }

  private double prologueMicros(LengthPrices prices, int[] candidateOfHead) {
    double micros = prices.permutationMicros();
    boolean chooses = false;
    for (int candidate : candidateOfHead) {
      micros += prices.indexMicros(candidate);
      chooses |= prices.rule(candidate).runs();
    }
    return chooses
        ? micros
            + runtime.selection().layerMicros()
            + runtime.selection().launchesOfLayer() * shape.constants().launchMicros()
        : micros;
  }

  /** What each query head visits: its own tiles, or those of all heads that share its mask. */
  private HeadBlocks[] visits(LengthPrices prices, int[] candidateOfHead) {
    var visits = new HeadBlocks[candidateOfHead.length];
    int shared = sharesMasks() ? attention.groupSize() : 1;
    for (int first = 0; first < visits.length; first += shared) {
      int end = first + shared;
      HeadBlocks ofGroup =
          shared == 1
              ? prices.blocks(candidateOfHead[first])
              : prices.union(IntStream.range(first, end).map(head -> candidateOfHead[head]));
      for (int head = first; head < end; head++) {
        visits[head] = ofGroup;
      }
    }
    return visits;
  }

  private List<HeadLaunch> launches(LengthPrices prices, HeadBlocks[] visits) {
    return switch (runtime.launches()) {
      case PER_LAYER ->
          List.of(launch(prices, HeadOrdering.of(runtime.headOrder(), visits), visits));
      case PER_PATTERN -> {
        Map<Object, List<Integer>> alike = new LinkedHashMap<>();
        for (int head = 0; head < visits.length; head++) {
          alike.computeIfAbsent(visits[head].sharesLaunch(), _ -> new ArrayList<>()).add(head);
        }
        yield alike.values().stream()
            .map(heads -> samePatternLaunch(prices, heads, visits))
            .toList();
      }
      case PER_HEAD ->
          IntStream.range(0, visits.length)
              .mapToObj(head -> samePatternLaunch(prices, List.of(head), visits))
              .toList();
    };
  }

  private KernelConstants reading(LaunchTensors tensors) {
    return shape.constants().reading(tensors, cacheMegabytes);
  }

  private HeadLaunch launch(LengthPrices prices, List<Integer> heads, HeadBlocks[] visits) {
    return HeadLaunch.of(
        table.kernel(),
        heads.size() == attention.queryHeads().count()
            ? prices.constants()
            : reading(LaunchTensors.of(attention, heads, prices.length(), batch)),
        heads,
        heads.stream().map(head -> visits[head].ticks()).toList(),
        batch);
  }

  /** One launch of heads of one pattern, on a dense kernel where that is faster. */
  private HeadLaunch samePatternLaunch(
      LengthPrices prices, List<Integer> heads, HeadBlocks[] visits) {
    HeadLaunch fastest = launch(prices, heads, visits);
    if (visits[heads.getFirst()].isDense()) {
      for (DenseLaunch dense : prices.dense()) {
        if (isRun(dense)) {
          HeadLaunch other = dense.of(heads, batch);
          fastest = other.micros() < fastest.micros() ? other : fastest;
        }
      }
    }
    return fastest;
  }

  private static double micros(List<HeadLaunch> launches) {
    double micros = 0;
    for (HeadLaunch launch : launches) {
      micros += launch.micros();
    }
    return micros;
  }

  /**
   * What {@link #layerMicros} is made of: its launches, and what comes before them.
   *
   * @param lengthIndex into the lengths of the workload
   * @param candidateOfHead the candidate of each query head of the layer
   */
  public LayerTime layerTime(int lengthIndex, int[] candidateOfHead) {
    requireAllHeads(candidateOfHead);
    LengthPrices prices = byLength.get(lengthIndex);
    List<HeadLaunch> launches = launches(prices, visits(prices, candidateOfHead));
    double prologue = prologueMicros(prices, candidateOfHead);
    double permutation = prices.permutationMicros();
    var fastest = new LayerTime(permutation, prologue - permutation, launches);
    for (DenseLaunch dense : prices.dense()) {
      if (isRun(dense) && dense.layerMicros() < fastest.micros()) {
        List<Integer> heads = IntStream.range(0, candidateOfHead.length).boxed().toList();
        fastest = new LayerTime(0, 0, List.of(dense.of(heads, batch)));
      }
    }
    return fastest;
  }

  /**
   * A head's share of the layer's time under perfect balance: batch · sum of its block times ÷
   * slots, and what choosing its tiles takes; or its share of a dense kernel that the runtime may
   * run instead, if that is less. {@link #launchMicros()} and these of all heads together never
   * exceed {@link #layerMicros}, but for rounding in the last bits of the sum.
   */
  public double headWorkMicros(int lengthIndex, int candidate) {
    LengthPrices prices = byLength.get(lengthIndex);
    double work =
        TileSimulator.micros(prices.blocks(candidate).workTicks())
                * batch
                / shape.constants().occupancy().slots()
            + prices.indexMicros(candidate);
    for (DenseLaunch dense : prices.dense()) {
      if (isRun(dense)) {
        work = Math.min(work, dense.workMicros(batch));
      }
    }
    return work;
  }

  /** What a layer costs at least beside the work of its heads. */
  public double launchMicros() {
    double least =
        shape.constants().launchMicros()
            * (runtime.launches() == Launches.PER_HEAD ? attention.queryHeads().count() : 1);
    for (DenseLaunch dense : byLength.getFirst().dense()) {
      if (isRun(dense)) {
        least = Math.min(least, dense.launchMicros());
      }
    }
    return least;
  }

  /** Whether a layer is one launch of its heads in the model's order. */
  public boolean keepsOrder() {
    return HeadOrdering.isOfModel(runtime);
  }

  /** Whether heads of different candidates visit each other's tiles. */
  public boolean sharesMasks() {
    return runtime.maskAxis() == HeadAxis.KV_HEAD && attention.groupSize() > 1;
  }

  /**
   * The time of a layer if every head had a mask of its own: never more than {@link #layerMicros}
   * where the runtime {@link #keepsOrder}, and shorter blocks end no later, if blocks do not share
   * a multiprocessor.
   */
  public double separateMasksMicros(int lengthIndex, int[] candidateOfHead) {
    requireAllHeads(candidateOfHead);
    LengthPrices prices = byLength.get(lengthIndex);
    HeadBlocks[] own =
        Arrays.stream(candidateOfHead).mapToObj(prices::blocks).toArray(HeadBlocks[]::new);
    return fastestPath(
        prices, prologueMicros(prices, candidateOfHead) + micros(launches(prices, own)));
  }

  /**
   * A time in microseconds that every layer needs whose blocks are each at least as long as these
   * and whose tiles are not chosen any faster, whatever the order and the launches: all of them
   * spread evenly, or the longest alone.
   */
  public double leastLayerMicros(int lengthIndex, int[] candidateOfHead) {
    requireAllHeads(candidateOfHead);
    LengthPrices prices = byLength.get(lengthIndex);
    double even = launchMicros();
    long longest = 0;
    double index = 0;
    for (int candidate : candidateOfHead) {
      even += headWorkMicros(lengthIndex, candidate);
      longest = Math.max(longest, prices.blocks(candidate).longestTicks());
      index += prices.indexMicros(candidate);
    }
    double alone =
        shape.constants().launchMicros()
            + index
            + TileSimulator.micros(longest) / shape.constants().occupancy().aloneSpeedup();
    return Math.max(even, denseCouldBeFaster(prices, alone));
  }

  /** A single head on a dense kernel may already end before its own longest block. */
  private double denseCouldBeFaster(LengthPrices prices, double aloneMicros) {
    double least = aloneMicros;
    for (DenseLaunch dense : prices.dense()) {
      if (isRun(dense)) {
        least = Math.min(least, dense.micros(batch));
      }
    }
    return least;
  }

  /** The time of the layer if it runs as a sparse launch of this time or dense, whichever ends. */
  public double fastestPathMicros(int lengthIndex, double sparseMicros) {
    return fastestPath(byLength.get(lengthIndex), sparseMicros);
  }

  /** The blocks of one head in ticks of the {@link TileSimulator}, in launch order. Not copied. */
  public long[] blockTicks(int lengthIndex, int candidate) {
    return byLength.get(lengthIndex).blocks(candidate).ticks();
  }

  /** What choosing the tiles of one head takes at run time, all prompts together. */
  public double indexMicros(int lengthIndex, int candidate) {
    return byLength.get(lengthIndex).indexMicros(candidate);
  }

  /** Visited tiles ÷ tiles that dense attention visits, of the candidate at a length. */
  public double density(int lengthIndex, int candidate) {
    return byLength.get(lengthIndex).density(candidate);
  }

  /**
   * The time of one dense layer: the table's own kernel first, then the other dense kernels that it
   * knows for the head_dim that is priced.
   */
  public List<DenseTime> denseLayer(int lengthIndex) {
    LengthPrices prices = byLength.get(lengthIndex);
    var times = new ArrayList<DenseTime>();
    times.add(new DenseTime(table.kernel(), prices.ownDense().layerMicros() / 1000));
    for (DenseLaunch dense : prices.dense()) {
      times.add(new DenseTime(dense.kernel(), dense.layerMicros() / 1000));
    }
    return List.copyOf(times);
  }

  /** Whose times these are. */
  public DeviceIdentity identity() {
    return new DeviceIdentity(
        table.name(),
        table.sha256(),
        table.gpu(),
        table.kernel(),
        runtime.name(),
        shape.error().meanPercent(),
        table.notMeasured().isPresent());
  }

  /** What was priced outside the measured range: a sentence each, none if all was measured. */
  public List<String> warnings() {
    return warnings;
  }
}
