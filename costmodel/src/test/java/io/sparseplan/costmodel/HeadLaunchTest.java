package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HeadLaunchTest {
  /** Blocks of milliseconds, so that a tick, to which times are rounded, is less than 1e-8. */
  @Test
  void everyBlockRunsWhereAndWhenTheEventByEventSimulationRunsIt() {
    var random = new SplittableRandom(21);
    for (int round = 0; round < 1500; round++) {
      KernelConstants constants = randomConstants(random);
      List<long[]> ticksOfHead =
          IntStream.range(0, random.nextInt(1, 5))
              .mapToObj(
                  _ ->
                      IntStream.range(0, random.nextInt(1, 9))
                          .mapToLong(
                              _ ->
                                  TileSimulator.ticks(
                                      constants.blockMicros() + random.nextDouble(1, 9000)))
                          .toArray())
              .toList();
      int batch = random.nextInt(1, 4);
      HeadLaunch launch = launch(constants, ticksOfHead, batch);
      List<ReferenceSimulator.Block> expected =
          ReferenceSimulator.placements(constants, inLaunchOrder(ticksOfHead, batch));

      List<PlacedBlock> placed = replayed(launch);
      assertThat(placed).hasSameSizeAs(expected);
      List<PlacedBlock> bySlot = sorted(placed);
      List<ReferenceSimulator.Block> expectedBySlot =
          expected.stream()
              .sorted(
                  Comparator.comparingInt(ReferenceSimulator.Block::slot)
                      .thenComparingDouble(ReferenceSimulator.Block::start))
              .toList();
      double stretch =
          (launch.micros() - constants.launchMicros())
              / TileSimulator.micros(
                  Math.round(
                      expected.stream()
                          .mapToDouble(ReferenceSimulator.Block::end)
                          .max()
                          .orElseThrow()));
      for (int i = 0; i < bySlot.size(); i++) {
        PlacedBlock block = bySlot.get(i);
        ReferenceSimulator.Block reference = expectedBySlot.get(i);
        assertThat(block.slot()).isEqualTo(reference.slot());
        assertThat(block.head()).isEqualTo(headOfBlock(ticksOfHead, batch, reference.number()));
        assertThat((double) block.startTicks())
            .isCloseTo(stretch * reference.start(), within(1e-7 * reference.end() + 3));
        assertThat((double) block.endTicks())
            .isCloseTo(stretch * reference.end(), within(1e-7 * reference.end() + 3));
      }
    }
  }

  @Test
  void theLastBlockToEndEndsTheLaunch() {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 300; round++) {
      KernelConstants constants = randomConstants(random);
      HeadLaunch launch =
          launch(
              constants,
              List.of(
                  random.longs(random.nextInt(1, 60), 1L << 33, 1L << 34).toArray(),
                  random.longs(random.nextInt(1, 60), 1L << 33, 1L << 35).toArray()),
              2);

      long last = replayed(launch).stream().mapToLong(PlacedBlock::endTicks).max().orElseThrow();
      assertThat(constants.launchMicros() + TileSimulator.micros(last))
          .isCloseTo(launch.micros(), within(1e-6));
    }
  }

  @Test
  void oneBlockOfEachUsedSlotIsItsLast() {
    HeadLaunch launch =
        launch(
            new KernelConstants(Occupancy.single(4), 5, 0, 2, 1, 0),
            List.of(new long[] {10, 20, 30}, new long[] {40, 50, 60}),
            3);

    List<PlacedBlock> blocks = replayed(launch);
    assertThat(blocks).hasSize(18);
    assertThat(blocks.stream().filter(PlacedBlock::lastOfSlot).map(PlacedBlock::slot))
        .containsExactly(0, 1, 2, 3);
    for (PlacedBlock block : blocks) {
      assertThat(
              blocks.stream()
                  .filter(other -> other.slot() == block.slot())
                  .anyMatch(other -> other.startTicks() == block.endTicks()))
          .isEqualTo(!block.lastOfSlot());
    }
  }

  @Test
  void theWorkOfALaunchIsThatOfItsHeads() {
    HeadLaunch launch =
        launch(
            new KernelConstants(Occupancy.single(2), 5, 0, 2, 1, 0),
            List.of(new long[] {1 << 20, 1 << 20}, new long[] {4 << 20}),
            3);

    assertThat(launch.workMicros(0)).isEqualTo(3);
    assertThat(launch.workMicros(1)).isEqualTo(6);
    assertThat(launch.workMicros()).isEqualTo(9);
  }

  private static KernelConstants randomConstants(SplittableRandom random) {
    int blocksEach = random.nextInt(1, 5);
    var occupancy =
        new Occupancy(
            random.nextInt(1, 12 / blocksEach + 1),
            blocksEach,
            1 + random.nextDouble() * (blocksEach - 1));
    double load = blocksEach == 1 ? random.nextInt(2) * random.nextDouble(1000) : 0;
    double block = random.nextDouble(1000, 6000);
    double start = random.nextInt(3) * random.nextDouble(load > 0 ? block / 60 : 2000);
    double hidden = blocksEach == 1 ? 0 : random.nextInt(2) * random.nextDouble(5000);
    return new KernelConstants(occupancy, 3, start, load, load, block, hidden, 2000, 1000, 0, 0);
  }

  private static HeadLaunch launch(KernelConstants constants, List<long[]> ticksOfHead, int batch) {
    return HeadLaunch.of(
        "kernel",
        constants,
        IntStream.range(0, ticksOfHead.size()).boxed().toList(),
        ticksOfHead,
        batch);
  }

  private static long[] inLaunchOrder(List<long[]> ticksOfHead, int batch) {
    LongStream.Builder blocks = LongStream.builder();
    for (long[] head : ticksOfHead) {
      for (int prompt = 0; prompt < batch; prompt++) {
        Arrays.stream(head).forEach(blocks);
      }
    }
    return blocks.build().toArray();
  }

  private static int headOfBlock(List<long[]> ticksOfHead, int batch, int number) {
    int first = 0;
    for (int head = 0; head < ticksOfHead.size(); head++) {
      first += batch * ticksOfHead.get(head).length;
      if (number < first) {
        return head;
      }
    }
    throw new IllegalArgumentException("There is no block %d.".formatted(number));
  }

  private static List<PlacedBlock> replayed(HeadLaunch launch) {
    var blocks = new ArrayList<PlacedBlock>();
    launch.replay(blocks::add);
    return blocks;
  }

  private static List<PlacedBlock> sorted(List<PlacedBlock> blocks) {
    return blocks.stream()
        .sorted(
            Comparator.comparingInt(PlacedBlock::slot).thenComparingLong(PlacedBlock::startTicks))
        .toList();
  }
}
