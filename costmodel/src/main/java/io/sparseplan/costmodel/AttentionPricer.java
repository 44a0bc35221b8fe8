package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.DeviceIdentity;
import io.sparseplan.plans.plan.Layout;
import io.sparseplan.plans.plan.Phase;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.plans.plan.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * Prices attention layers of one workload. Immutable, and safe for use by several threads.
 *
 * <p>A layer is one launch whose blocks run in launch order: query tile fastest, then prompt of the
 * batch, then query head, as PyTorch 2.11's FlexAttention numbers its grid.
 */
public final class AttentionPricer {
  private final DeviceTable table;
  private final AttentionShape attention;
  private final int batch;
  private final KernelShape shape;
  private final List<CandidatePrices> byLength;
  private final List<String> warnings;

  /**
   * @param candidates what a head may run; arguments named {@code candidate} index this list
   * @throws IllegalArgumentException if the workload is not a prefill: no table prices another
   *     phase
   */
  public AttentionPricer(
      DeviceTable table,
      AttentionShape attention,
      Layout layout,
      Workload workload,
      List<Pattern> candidates) {
    if (workload.phase() != Phase.PREFILL) {
      throw new IllegalArgumentException(
          "The phase (%s) of the workload has no prices; only PREFILL has."
              .formatted(workload.phase()));
    }
    this.table = table;
    this.attention = attention;
    this.batch = workload.batch();
    PricedShape priced = table.priceFor(attention.headDim(), layout.tile(), layout.visibility());
    this.shape = priced.shape();
    this.byLength =
        workload.lengths().stream()
            .map(
                entry ->
                    CandidatePrices.of(
                        new TileGrid(entry.length(), layout.tile(), layout.visibility()),
                        shape.constants(),
                        candidates))
            .toList();
    this.warnings = PriceWarnings.of(table, priced, layout.visibility(), workload);
  }

  /**
   * The time of one layer, launch and makespan, at a length of the workload.
   *
   * @param lengthIndex into the lengths of the workload
   * @param candidateOfHead the candidate of each query head of the layer
   */
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    if (candidateOfHead.length != attention.queryHeads().count()) {
      throw new IllegalArgumentException(
          "The layer names candidates for %d heads; it has %d query heads."
              .formatted(candidateOfHead.length, attention.queryHeads().count()));
    }
    CandidatePrices prices = byLength.get(lengthIndex);
    var simulator = new TileSimulator(shape.constants());
    for (int candidate : candidateOfHead) {
      simulator.place(prices.blockTicks(candidate), batch);
    }
    return launchMicros() + simulator.makespanMicros();
  }

  /**
   * A head's share of the layer's time under perfect balance: batch · sum of its block times ÷
   * slots. {@link #launchMicros()} and these of all heads together never exceed {@link
   * #layerMicros}, but for rounding in the last bits of the sum.
   */
  public double headWorkMicros(int lengthIndex, int candidate) {
    long ticks = byLength.get(lengthIndex).workTicks(candidate);
    return TileSimulator.micros(ticks) * batch / shape.constants().occupancy().slots();
  }

  /** What a layer costs beside its blocks. */
  public double launchMicros() {
    return shape.constants().launchMicros();
  }

  /** Visited tiles ÷ dense tiles of the candidate at a length of the workload. */
  public double density(int lengthIndex, int candidate) {
    return byLength.get(lengthIndex).density(candidate);
  }

  /**
   * The time of one dense layer: the table's own kernel first, then the other dense kernels that it
   * knows for the head_dim that is priced.
   */
  public List<DenseTime> denseLayer(int lengthIndex) {
    TileGrid grid = byLength.get(lengthIndex).grid();
    var times = new ArrayList<DenseTime>();
    times.add(denseTime(table.kernel(), grid, grid.tile(), shape.constants()));
    for (DenseKernel other : table.otherDense()) {
      if (other.shape().headDim().equals(shape.headDim())) {
        times.add(denseTime(other.kernel(), grid, other.shape().tile(), other.shape().constants()));
      }
    }
    return List.copyOf(times);
  }

  private DenseTime denseTime(
      String kernel, TileGrid grid, TileSize tile, KernelConstants constants) {
    var dense = new Dense().on(new TileGrid(grid.length(), tile, grid.visibility()));
    var simulator = new TileSimulator(constants);
    simulator.place(
        BlockTimes.ticks(BlockTiles.of(dense), constants),
        Math.multiplyExact(batch, attention.queryHeads().count()));
    return new DenseTime(kernel, (constants.launchMicros() + simulator.makespanMicros()) / 1000);
  }

  /** Whose times these are. */
  public DeviceIdentity identity() {
    return new DeviceIdentity(
        table.name(),
        table.sha256(),
        table.gpu(),
        table.kernel(),
        shape.error().meanPercent(),
        table.notMeasured().isPresent());
  }

  /** What was priced outside the measured range: a sentence each, none if all was measured. */
  public List<String> warnings() {
    return warnings;
  }
}
