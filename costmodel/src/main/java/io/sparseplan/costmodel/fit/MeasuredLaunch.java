package io.sparseplan.costmodel.fit;

import io.sparseplan.costmodel.BlockTimes;
import io.sparseplan.costmodel.KernelConstants;
import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.TileSimulator;
import io.sparseplan.costmodel.measured.MeasuredHead;
import io.sparseplan.costmodel.measured.MeasuredRow;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.pattern.Dense;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A measured time beside the work that took it.
 *
 * @param visitedTiles of each query head, by query tile; heads of equal patterns share an array
 */
record MeasuredLaunch(MeasuredRow row, List<int[]> visitedTiles, double measuredMicros) {
  /**
   * The launch of the row's own kernel.
   *
   * @throws BadInputException if the row counts other tiles than its patterns visit
   */
  static MeasuredLaunch ofBlockSparse(MeasuredRow row) {
    TileGrid grid = row.grid();
    Map<MeasuredHead, TileLists> distinct = new HashMap<>();
    Map<MeasuredHead, int[]> visited = new HashMap<>();
    var heads = new ArrayList<int[]>();
    long tiles = 0;
    for (MeasuredHead head : row.heads()) {
      TileLists lists = distinct.computeIfAbsent(head, pattern -> pattern.on(grid));
      heads.add(visited.computeIfAbsent(head, pattern -> BlockTimes.visitedTiles(lists)));
      tiles += lists.total();
    }
    if (tiles != row.tiles()) {
      throw new BadInputException(
          "The row's tiles (%d) are not the %d that its patterns visit at length %s, tile %d."
              .formatted(row.tiles(), tiles, row.keyLength(), row.tile().tokens()),
          "its patterns mean something else to the program that measured it.");
    }
    return new MeasuredLaunch(row, List.copyOf(heads), row.medianMillis() * 1000);
  }

  /** The launch of PyTorch's dense kernel on the row's tensors, its work counted in tiles. */
  static MeasuredLaunch ofDense(MeasuredRow row, TileSize tile) {
    var grid = new TileGrid(row.keyLength(), tile, row.visibility());
    int[] visited = BlockTimes.visitedTiles(new Dense().on(grid));
    return new MeasuredLaunch(
        row,
        Collections.nCopies(row.queryHeads().count(), visited),
        row.sdpaMedianMillis().orElseThrow() * 1000);
  }

  /** What the constants say this launch takes. */
  double predictedMicros(KernelConstants constants) {
    return constants.launchMicros() + simulated(constants).makespanMicros();
  }

  /**
   * The makespan when a tile lasts 1 and a block {@code blockTiles} besides, for each speed-up of
   * lone blocks.
   */
  double[] makespanTiles(Occupancy occupancy, double blockTiles, double[] aloneSpeedups) {
    TileSimulator simulator = simulated(new KernelConstants(occupancy, 0, blockTiles, 1));
    return Arrays.stream(aloneSpeedups)
        .map(speedup -> TileSimulator.micros(simulator.makespanTicks(speedup)))
        .toArray();
  }

  private TileSimulator simulated(KernelConstants constants) {
    var simulator = new TileSimulator(constants.occupancy());
    int[] previous = new int[0];
    long[] ticks = new long[0];
    for (int[] head : visitedTiles) {
      if (head != previous) {
        ticks = BlockTimes.ticks(head, constants);
        previous = head;
      }
      simulator.place(ticks, row.batch());
    }
    return simulator;
  }
}
