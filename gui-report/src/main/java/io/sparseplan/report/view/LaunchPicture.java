package io.sparseplan.report.view;

import io.sparseplan.costmodel.HeadLaunch;
import io.sparseplan.costmodel.LayerTime;
import io.sparseplan.costmodel.PlacedBlock;
import io.sparseplan.costmodel.TileSimulator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A simulated launch, small enough for a page: how busy the slots are in each stretch of time, and
 * the last block of each slot exactly.
 *
 * @param kernel whose launch it is
 * @param launch its number among the launches of the layer, from 1
 * @param launches of the layer
 * @param slots thread blocks that the GPU runs at once
 * @param blocks of the launch
 * @param micros from the start of its first block to the end of its last
 * @param denseBusy the share of the slots that blocks of dense heads keep busy in each of {@value
 *     #STRETCHES} equal stretches of time: two hexadecimal digits each, ff for all slots
 * @param sparseBusy likewise of heads with a sparse pattern
 * @param lastBlocks the last block of each slot: head, start and end for each in turn, the last to
 *     end first; times in parts of {@value #PARTS} of {@code micros}
 */
public record LaunchPicture(
    String kernel,
    int launch,
    int launches,
    int slots,
    long blocks,
    double micros,
    String denseBusy,
    String sparseBusy,
    List<Integer> lastBlocks) {
  static final int STRETCHES = 60;
  static final int PARTS = 10_000;
  private static final int FULL = 255;

  public LaunchPicture {
    lastBlocks = List.copyOf(lastBlocks);
  }

  /**
   * The longest launch of a layer.
   *
   * @param isDense whether a head of the layer runs dense
   */
  static LaunchPicture of(LayerTime layer, IntPredicate isDense) {
    List<HeadLaunch> launches = layer.launches();
    int longest = 0;
    for (int nth = 1; nth < launches.size(); nth++) {
      longest = launches.get(nth).micros() > launches.get(longest).micros() ? nth : longest;
    }
    HeadLaunch launch = launches.get(longest);
    double duration =
        Math.round(
            (launch.micros() - launch.constants().launchMicros()) * TileSimulator.TICKS_PER_MICRO);
    var dense = new double[STRETCHES];
    var sparse = new double[STRETCHES];
    var last = new ArrayList<PlacedBlock>();
    var count = new long[1];
    launch.replay(
        block -> {
          count[0]++;
          add(isDense.test(block.head()) ? dense : sparse, block, duration / STRETCHES);
          if (block.lastOfSlot()) {
            last.add(block);
          }
        });
    int slots = launch.constants().occupancy().slots();
    return new LaunchPicture(
        launch.kernel(),
        longest + 1,
        launches.size(),
        slots,
        count[0],
        NumberText.rounded(duration / TileSimulator.TICKS_PER_MICRO),
        digits(dense, slots),
        digits(sparse, slots),
        last.stream()
            .sorted(
                Comparator.comparingLong(PlacedBlock::endTicks)
                    .reversed()
                    .thenComparingInt(PlacedBlock::slot))
            .flatMap(
                block ->
                    List.of(
                        block.head(),
                        (int) Math.round(PARTS * block.startTicks() / duration),
                        (int) Math.round(PARTS * block.endTicks() / duration))
                        .stream())
            .toList());
  }

  /** Adds the part of each stretch in which the block runs. */
  private static void add(double[] busy, PlacedBlock block, double stretchTicks) {
    double from = block.startTicks() / stretchTicks;
    double to = block.endTicks() / stretchTicks;
    for (int stretch = (int) from; stretch < Math.min(to, STRETCHES); stretch++) {
      busy[stretch] += Math.min(to, stretch + 1) - Math.max(from, stretch);
    }
  }

  private static String digits(double[] busy, int slots) {
    var text = new StringBuilder();
    for (double ofStretch : busy) {
      int level = (int) Math.clamp(Math.round(FULL * ofStretch / slots), 0, FULL);
      text.append("%02x".formatted(level));
    }
    return text.toString();
  }
}
