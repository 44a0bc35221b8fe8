package io.sparseplan.costmodel.rows;

import io.sparseplan.costmodel.BlockTiles;
import io.sparseplan.costmodel.BlockTimes;
import io.sparseplan.costmodel.DenseKernel;
import io.sparseplan.costmodel.DeviceTable;
import io.sparseplan.costmodel.FitEvidence;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.KernelShape;
import io.sparseplan.costmodel.LaunchSimulator;
import io.sparseplan.costmodel.LaunchTensors;
import io.sparseplan.costmodel.NotMeasured;
import io.sparseplan.costmodel.PricedShape;
import io.sparseplan.costmodel.measured.Launch;
import io.sparseplan.costmodel.measured.LaunchRow;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Prices single launches with a device table.
 *
 * <p>A decode row of the table's own kernel is priced as what PyTorch runs then: the prefill kernel
 * on one query, one thread block a query head, the keys not split. No table prices a decode kernel,
 * so a decode row of another kernel is refused.
 */
public final class RowPricer {
  private final DeviceTable table;

  public RowPricer(DeviceTable table) {
    this.table = table;
  }

  /**
   * @throws BadInputException if the row is of a decode kernel, or a launch beyond what can be
   *     simulated
   */
  public PricedRow price(LaunchRow row) {
    Launch launch = row.launch();
    requirePriced(row);
    PricedShape priced =
        table.priceFor(launch.attention().headDim(), launch.tile(), launch.visibility());
    return new PricedRow(
        row,
        millis(row, row.visitedTiles(), reading(launch, priced.shape().constants())),
        denseKernel(launch).map(dense -> denseMillis(row, dense.shape())),
        outside(row, priced));
  }

  private void requirePriced(LaunchRow row) {
    if (row.launch().phase() == Phase.DECODE && !row.kernel().orElse("").equals(table.kernel())) {
      throw new BadInputException(
          "The row in line %d is a decode of the kernel %s; the device table %s prices %s alone."
              .formatted(
                  row.line(), row.kernel().orElse("(none named)"), table.name(), table.kernel()),
          "leave decode rows of other kernels out.");
    }
  }

  /** A decode step finds nothing of its cache of keys and values in that of the GPU. */
  private KernelConstants reading(Launch launch, KernelConstants constants) {
    return switch (launch.phase()) {
      case PREFILL ->
          constants.reading(
              LaunchTensors.of(launch.attention(), launch.length(), launch.batch()),
              table.cacheMegabytes());
      case DECODE -> constants;
    };
  }

  private static double millis(LaunchRow row, List<int[]> visitedTiles, KernelConstants constants) {
    long blocks = visitedTiles.stream().mapToLong(head -> head.length).sum() * row.launch().batch();
    var simulator = new LaunchSimulator(constants, blocks);
    int[] previous = {};
    long[] ticks = {};
    try {
      for (int[] head : visitedTiles) {
        if (head != previous) {
          ticks = BlockTimes.ticks(blocks(row.launch(), head), constants);
          previous = head;
        }
        simulator.place(ticks, row.launch().batch());
      }
    } catch (BadInputException e) {
      throw new BadInputException(
          "The launch in line %d is too large: %s"
              .formatted(row.line(), e.getMessage().lines().findFirst().orElseThrow()),
          "its kv_len or its batch is not in the unit of tokens and prompts.",
          e);
    }
    return (constants.launchMicros() + simulator.makespanMicros()) / 1000;
  }

  /** The last query of a decode sees the whole of every tile, as no later key is there. */
  private static BlockTiles blocks(Launch launch, int[] visited) {
    return switch (launch.phase()) {
      case PREFILL -> BlockTiles.ofOwnTileAnd(visited, launch.visibility());
      case DECODE -> BlockTiles.ofOwnTileAnd(visited, Visibility.BIDIRECTIONAL);
    };
  }

  /** PyTorch's dense kernel is known for prefills of measured head_dims. */
  private Optional<DenseKernel> denseKernel(Launch launch) {
    return table.otherDense().stream()
        .filter(dense -> launch.phase() == Phase.PREFILL)
        .filter(dense -> dense.shape().headDim().equals(launch.attention().headDim()))
        .findFirst();
  }

  private static double denseMillis(LaunchRow row, KernelShape shape) {
    Launch launch = row.launch();
    var grid = new TileGrid(launch.length(), shape.tile(), launch.visibility());
    int[] visited = BlockTiles.of(new Dense().on(grid)).visited();
    int heads = launch.attention().queryHeads().count();
    return millis(row, Collections.nCopies(heads, visited), shape.constants());
  }

  private List<String> outside(LaunchRow row, PricedShape priced) {
    Launch launch = row.launch();
    var reasons = new ArrayList<String>();
    table.notMeasured().map(NotMeasured::warning).ifPresent(reasons::add);
    priced.warning().ifPresent(reasons::add);
    if (launch.phase() == Phase.DECODE) {
      reasons.add(
          RowGroup.of(row).splitsKeys()
              ? "The decode of heads that share no keys is a split-key kernel, which this table"
                  + " does not price: it takes less than the prefill kernel on one query, the time"
                  + " given."
              : "The decode is priced as the prefill kernel run on one query.");
    }
    row.kernel()
        .filter(kernel -> !kernel.equals(table.kernel()))
        .ifPresent(
            kernel ->
                reasons.add("The kernel %s is priced like %s.".formatted(kernel, table.kernel())));
    evidence(priced.shape(), launch.visibility())
        .ifPresent(known -> reasons.addAll(beyond(known, launch)));
    return reasons;
  }

  private static Optional<FitEvidence> evidence(KernelShape shape, Visibility visibility) {
    return shape.evidenceFor(visibility).or(() -> shape.evidence().stream().findFirst());
  }

  private static List<String> beyond(FitEvidence known, Launch launch) {
    var reasons = new ArrayList<String>();
    if (!known.spans(launch.length())) {
      reasons.add(
          "Length %s is outside the measured %s to %s."
              .formatted(launch.length(), known.lengths().getFirst(), known.lengths().getLast()));
    }
    int heads = launch.attention().queryHeads().count();
    if (heads < known.queryHeads().getFirst() || heads > known.queryHeads().getLast()) {
      reasons.add(
          "%d query heads are outside the measured %d to %d."
              .formatted(heads, known.queryHeads().getFirst(), known.queryHeads().getLast()));
    }
    if (launch.batch() < known.batches().getFirst() || launch.batch() > known.batches().getLast()) {
      reasons.add(
          "Batch %d is outside the measured %d to %d."
              .formatted(launch.batch(), known.batches().getFirst(), known.batches().getLast()));
    }
    return reasons;
  }
}
