package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.BlockTiles;
import io.sparseplan.costmodel.BlockTimes;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.LaunchSimulator;
import io.sparseplan.costmodel.LaunchTensors;
import io.sparseplan.costmodel.PublishedPeaks;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.pattern.Dense;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A measured time beside the work that took it.
 *
 * @param tiles of each query head; heads of equal patterns share them
 */
record MeasuredLaunch(MeasuredRow row, List<BlockTiles> tiles, double measuredMicros) {
  /**
   * The launch of the row's own kernel.
   *
   * @throws BadInputException if the row counts other tiles than its patterns visit
   */
  static MeasuredLaunch ofBlockSparse(MeasuredRow row) {
    TileGrid grid = row.grid();
    Map<MeasuredHead, TileLists> distinct = new HashMap<>();
    Map<MeasuredHead, BlockTiles> blocks = new HashMap<>();
    var heads = new ArrayList<BlockTiles>();
    long visited = 0;
    for (MeasuredHead head : row.heads()) {
      TileLists lists = distinct.computeIfAbsent(head, pattern -> pattern.on(grid));
      heads.add(blocks.computeIfAbsent(head, pattern -> BlockTiles.of(lists)));
      visited += lists.total();
    }
    if (visited != row.tiles()) {
      throw new BadInputException(
          "The row's tiles (%d) are not the %d that its patterns visit at length %s, tile %d."
              .formatted(row.tiles(), visited, row.keyLength(), row.tile().tokens()),
          "its patterns mean something else to the program that measured it.");
    }
    return new MeasuredLaunch(row, List.copyOf(heads), row.medianMillis() * 1000);
  }

  /** The launch of PyTorch's dense kernel on the row's tensors, its work counted in tiles. */
  static MeasuredLaunch ofDense(MeasuredRow row, TileSize tile) {
    var grid = new TileGrid(row.keyLength(), tile, row.visibility());
    BlockTiles blocks = BlockTiles.of(new Dense().on(grid));
    return new MeasuredLaunch(
        row,
        Collections.nCopies(row.queryHeads().count(), blocks),
        row.sdpaMedianMillis().orElseThrow() * 1000);
  }

  /** What the constants say this launch takes. */
  double predictedMicros(KernelConstants constants) {
    return constants.launchMicros() + simulated(constants).makespanMicros();
  }

  /**
   * The makespan with these constants, but for each of these speed-ups of lone blocks.
   *
   * @param constants in units of a full tile
   */
  double[] makespanTiles(KernelConstants constants, double[] aloneSpeedups) {
    return simulated(constants).makespanMicros(aloneSpeedups);
  }

  private LaunchTensors tensors() {
    return new LaunchTensors(
        row.queryHeads(), row.kvHeads(), row.headDim(), row.keyLength(), row.batch());
  }

  private double cacheMegabytes() {
    return PublishedPeaks.of(row.gpu()).map(PublishedPeaks::cacheMegabytes).orElse(0.0);
  }

  private LaunchSimulator simulated(KernelConstants constants) {
    KernelConstants compiled = constants.compiledFor(row.visibility());
    long blocks = tiles.stream().mapToLong(BlockTiles::count).sum() * row.batch();
    var simulator = new LaunchSimulator(compiled.reading(tensors(), cacheMegabytes()), blocks);
    BlockTiles previous = new BlockTiles(new int[0], new int[0]);
    long[] ticks = new long[0];
    for (BlockTiles head : tiles) {
      if (head != previous) {
        ticks = BlockTimes.ticks(head, compiled);
        previous = head;
      }
      simulator.place(ticks, row.batch());
    }
    return simulator;
  }
}
