package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.sparseplan.plans.BadInputException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TileSimulatorTest {
  private static final List<Integer> BLOCK_COUNTS =
      List.of(0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 131, 132, 133, 263, 264, 265, 1000);

  static Stream<Occupancy> occupancies() {
    return Stream.concat(
        IntStream.of(1, 2, 3, 4, 5, 8, 31, 132).mapToObj(Occupancy::single),
        IntStream.of(1, 2, 3, 4, 7, 132)
            .boxed()
            .flatMap(
                count ->
                    Stream.of(
                        Occupancy.paired(count, 1),
                        Occupancy.paired(count, 1.37),
                        Occupancy.paired(count, 2),
                        new Occupancy(count, 3, 2.2),
                        new Occupancy(count, 4, 3.1))));
  }

  @ParameterizedTest
  @MethodSource("occupancies")
  void agreesWithTheEventByEventSimulation(Occupancy occupancy) {
    var random = new SplittableRandom(occupancy.slots());
    for (int count : BLOCK_COUNTS) {
      for (long[] blocks :
          List.of(
              random.longs(count, 1, 1_000_000_000).toArray(),
              random.longs(count, 1, 5).map(size -> size * 1_000_000).toArray(),
              LongStream.generate(() -> 12_345_678).limit(count).toArray(),
              LongStream.rangeClosed(1, count).map(size -> size * 1_000_003).toArray())) {
        double expected = ReferenceSimulator.makespanTicks(occupancy, blocks);
        long actual = simulated(occupancy, blocks).makespanTicks();
        assertThat((double) actual)
            .as("%s, blocks %s", occupancy, Arrays.toString(blocks))
            .isCloseTo(expected, within(exactlyWhereNoBlockIsAlone(occupancy, expected)));
      }
    }
  }

  /** Of milliseconds, so that half a tick, to which a lone block is rounded, is less than 1e-9. */
  @Test
  void agreesWithItOnTenThousandRandomLayers() {
    var random = new SplittableRandom(8);
    for (int round = 0; round < 10_000; round++) {
      int blocksEach = random.nextInt(1, 5);
      var occupancy =
          new Occupancy(
              random.nextInt(1, 14 / blocksEach + 1),
              blocksEach,
              1 + random.nextDouble() * (blocksEach - 1));
      double load = blocksEach == 1 ? random.nextInt(2) * random.nextDouble(1000) : 0;
      double block = random.nextDouble(1000, 6000);
      var constants =
          new KernelConstants(
              occupancy,
              0,
              random.nextInt(3) * random.nextDouble(load > 0 ? block / 60 : 2000),
              load,
              load,
              block,
              blocksEach == 1 ? 0 : random.nextInt(2) * random.nextDouble(5000),
              2000,
              1000,
              random.nextDouble(3000),
              0);
      BlockTiles[] heads = new BlockTiles[random.nextInt(1, 6)];
      for (int head = 0; head < heads.length; head++) {
        int[] visited = random.ints(random.nextInt(1, 12), 1, 9).toArray();
        heads[head] =
            new BlockTiles(
                visited, Arrays.stream(visited).map(tiles -> random.nextInt(tiles)).toArray());
      }
      var simulator = new TileSimulator(constants);
      int batch = random.nextInt(1, 3);
      LongStream.Builder blocks = LongStream.builder();
      for (BlockTiles head : heads) {
        long[] ticks = BlockTimes.ticks(head, constants);
        simulator.place(ticks, batch);
        for (int prompt = 0; prompt < batch; prompt++) {
          Arrays.stream(ticks).forEach(blocks);
        }
      }
      double expected = ReferenceSimulator.makespanTicks(constants, blocks.build().toArray());
      assertThat(simulator.makespanMicros() * TileSimulator.TICKS_PER_MICRO)
          .as("%s", constants)
          .isCloseTo(expected, withinPercentage(1e-7));
    }
  }

  @Test
  void blocksThatStartTogetherShareTheMemory() {
    assertThat(loading(Occupancy.single(2), 10, 100).makespanTicks()).isEqualTo(100);
    assertThat(loading(Occupancy.single(2), 10, 100, 100).makespanTicks()).isEqualTo(110);
    assertThat(loading(Occupancy.single(2), 10, 100, 103).makespanTicks()).isEqualTo(113);
    assertThat(loading(Occupancy.single(1), 10, 100, 100).makespanTicks()).isEqualTo(200);
  }

  @Test
  void aBlockThatStartsWhileOthersLoadSlowsThemDown() {
    // The second starts when the first slot frees at 100; the third, 4 later, shares until 112.
    assertThat(loading(Occupancy.single(2), 10, 90, 94, 50, 50).makespanTicks())
        .isEqualTo(10 + 94 + 6 + 50);
  }

  @Test
  void equalBlocksStayInStepAndWaitInEveryWave() {
    long[] waves = new long[4 * 32];
    Arrays.fill(waves, 1000);
    assertThat(loading(Occupancy.single(32), 10, waves).makespanTicks())
        .isEqualTo(4 * (1000 + 31 * 10));
  }

  private static TileSimulator loading(Occupancy occupancy, long loadTicks, long... blockTicks) {
    double load = TileSimulator.micros(loadTicks);
    var simulator =
        new TileSimulator(new KernelConstants(occupancy, 0, 0, load, load, load, 0, 1, 0, 0, 0));
    simulator.place(blockTicks, 1);
    return simulator;
  }

  /** What the search's bounds rest on. */
  @Test
  void aLaunchEndsNoEarlierThanItWouldIfItsBlocksHadTheMemoryForThemselves() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 2000; round++) {
      Occupancy occupancy = Occupancy.single(random.nextInt(1, 20));
      long load = random.nextLong(1, 1000);
      long[] blocks = random.longs(random.nextInt(1, 200), load, 5000).toArray();
      assertThat(loading(occupancy, load, blocks).makespanTicks())
          .isGreaterThanOrEqualTo(simulated(occupancy, blocks).makespanTicks());
    }
  }

  @Test
  void aLoneBlockSpeedsUpOnlyOnceItIsPastItsLatency() {
    assertThat(aloneMicros(5, 0, 15)).isEqualTo(5 + 10 / 2.0);
    assertThat(aloneMicros(5, 3, 15)).isEqualTo(8 + 7 / 2.0);
    assertThat(aloneMicros(5, 30, 15)).isEqualTo(15);
  }

  private static double aloneMicros(double block, double hidden, double sharedMicros) {
    var constants =
        new KernelConstants(Occupancy.paired(2, 2), 0, 0, 0, 0, block, hidden, 1, 0, 0, 0);
    var simulator = new TileSimulator(constants);
    simulator.place(new long[] {TileSimulator.ticks(sharedMicros)}, 1);
    return simulator.makespanMicros();
  }

  /** Neighbours hide it. */
  @Test
  void whatABlockHidesCostsNothingWhileEveryPlaceIsTaken() {
    var constants = new KernelConstants(Occupancy.paired(1, 2), 0, 0, 0, 0, 5, 8, 1, 0, 0, 0);
    var simulator = new TileSimulator(constants);
    simulator.place(new long[] {100, 100, 100, 100}, 1);
    assertThat(simulator.makespanTicks()).isEqualTo(200);
  }

  @Test
  void theFewerBlocksShareAMultiprocessorTheFasterTheyRun() {
    Occupancy occupancy = new Occupancy(1, 4, 2);
    assertThat(simulated(occupancy, 1000, 1000, 1000, 1000).makespanTicks()).isEqualTo(1000);
    assertThat(simulated(occupancy, 1000, 1000).makespanTicks())
        .isEqualTo(Math.round(1000 / Math.sqrt(2)));
    assertThat(simulated(occupancy, 1000).makespanTicks()).isEqualTo(500);
  }

  @Test
  void theFirstBlocksStartOneAfterAnother() {
    assertThat(staggered(Occupancy.single(3), 7, 100).makespanTicks()).isEqualTo(100);
    assertThat(staggered(Occupancy.single(3), 7, 100, 100, 100).makespanTicks()).isEqualTo(114);
    assertThat(staggered(Occupancy.single(3), 7, 100, 100, 100, 100).makespanTicks())
        .isEqualTo(200);
  }

  @Test
  void theFirstBlocksGetSlotsOfTheirOwnHoweverSoonTheOnesBeforeEnd() {
    assertThat(staggered(Occupancy.single(2), 1000, 1, 1).makespanTicks()).isEqualTo(1001);
  }

  @Test
  void aBlockThatStartsAfterItsMateEndedIsAloneFromItsStart() {
    assertThat(staggered(Occupancy.paired(1, 2), 100, 60, 1000).makespanTicks())
        .isEqualTo(100 + 500);
  }

  @Test
  void aBlockThatIsAloneFromItsStartSpeedsUpFromThere() {
    Occupancy occupancy = Occupancy.paired(2, 2);
    assertThat(staggered(occupancy, 100, 1000, 1000).makespanTicks()).isEqualTo(100 + 500);
  }

  private static TileSimulator staggered(Occupancy occupancy, long startTicks, long... blockTicks) {
    var simulator =
        new TileSimulator(
            new KernelConstants(occupancy, 0, TileSimulator.micros(startTicks), 0, 1, 0));
    simulator.place(blockTicks, 1);
    return simulator;
  }

  @ParameterizedTest
  @MethodSource("occupancies")
  void aRestoredLaunchGoesOnAsTheFirstTime(Occupancy occupancy) {
    var random = new SplittableRandom(9);
    double load = occupancy.blocksEach() == 1 ? 1 : 0;
    var constants = new KernelConstants(occupancy, 0, 0.01, load, load, 5, 0, 2, 1, 0.5, 0);
    long least = TileSimulator.ticks(constants.blockMicros());
    for (int count : BLOCK_COUNTS) {
      long[] before = random.longs(count, least, 100_000_000).toArray();
      long[] after = random.longs(count / 2 + 3, least, 100_000_000).toArray();
      var simulator = new TileSimulator(constants);
      simulator.place(before, 1);
      var checkpoint = new TileSimulator.Checkpoint(simulator);
      simulator.place(after, 1);
      long expected = simulator.makespanTicks();
      simulator.restore(checkpoint);
      simulator.place(new long[] {1L << 40}, 3);
      simulator.restore(checkpoint);
      simulator.place(after, 1);
      assertThat(simulator.makespanTicks()).isEqualTo(expected);
    }
  }

  @Test
  void startsTooFarApartAreRefused() {
    var constants = new KernelConstants(Occupancy.single(132), 0, 1e9, 5, 2, 1);
    assertThatThrownBy(() -> new TileSimulator(constants))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("1000 s apart");
  }

  /** A lone block's speed-up is rounded to a tick once; everything else is exact. */
  private static double exactlyWhereNoBlockIsAlone(Occupancy occupancy, double expected) {
    return occupancy.aloneSpeedup() == 1 ? 0 : 0.5 + 1e-12 * expected;
  }

  @Test
  void noBlocksTakeNoTime() {
    assertThat(simulated(Occupancy.single(132), new long[0]).makespanTicks()).isZero();
  }

  @Test
  void blocksThatFitTakeAsLongAsTheLongest() {
    assertThat(simulated(Occupancy.single(4), 5, 9, 2, 7).makespanTicks()).isEqualTo(9);
  }

  @Test
  void theNextBlockGoesToTheSlotThatFreesFirst() {
    assertThat(simulated(Occupancy.single(2), 5, 3, 4, 2).makespanTicks()).isEqualTo(7);
  }

  @Test
  void launchOrderMatters() {
    assertThat(simulated(Occupancy.single(2), 1, 1, 1, 1, 4).makespanTicks()).isEqualTo(6);
    assertThat(simulated(Occupancy.single(2), 4, 1, 1, 1, 1).makespanTicks()).isEqualTo(4);
  }

  @Test
  void aLoneBlockRunsFasterThanAPair() {
    Occupancy occupancy = Occupancy.paired(1, 1.6);
    assertThat(simulated(occupancy, 1600).makespanTicks()).isEqualTo(1000);
    assertThat(simulated(occupancy, 1600, 1600).makespanTicks()).isEqualTo(1600);
    assertThat(simulated(occupancy, 1600, 3200).makespanTicks()).isEqualTo(2600);
  }

  @Test
  void theFirstBlocksSpreadOverTheMultiprocessors() {
    assertThat(simulated(Occupancy.paired(2, 2), 1000, 1000).makespanTicks()).isEqualTo(500);
  }

  @Test
  void placingASequenceSeveralTimesIsPlacingItAgain() {
    long[] blocks = new SplittableRandom(3).longs(50, 1, 1000).toArray();
    var repeated = new TileSimulator(Occupancy.single(7));
    repeated.place(blocks, 3);
    var again = new TileSimulator(Occupancy.single(7));
    again.place(blocks, 1);
    again.place(blocks, 1);
    again.place(blocks, 1);
    assertThat(repeated.makespanTicks()).isEqualTo(again.makespanTicks());
  }

  @Test
  void resetForgetsTheLaunchBefore() {
    var simulator = simulated(Occupancy.paired(3, 1.5), 10, 20, 30, 40, 50, 60, 70);
    simulator.reset();
    simulator.place(new long[] {15}, 1);
    assertThat(simulator.makespanTicks()).isEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("occupancies")
  void neverBeatsPerfectBalance(Occupancy occupancy) {
    var random = new SplittableRandom(11);
    for (int count : BLOCK_COUNTS) {
      long[] blocks = random.longs(count, 1, 100_000).toArray();
      double balanced = (double) Arrays.stream(blocks).sum() / occupancy.slots();
      assertThat((double) simulated(occupancy, blocks).makespanTicks())
          .isGreaterThanOrEqualTo(balanced - 1);
    }
  }

  @Test
  void aLaunchTooLongToSimulateIsRefused() {
    var simulator = new TileSimulator(Occupancy.single(1));
    long[] hour = {TileSimulator.ticks(3.6e9)};
    assertThatThrownBy(() -> simulator.place(hour, 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("3600 s");
  }

  private static TileSimulator simulated(Occupancy occupancy, long... blockTicks) {
    var simulator = new TileSimulator(occupancy);
    simulator.place(blockTicks, 1);
    return simulator;
  }
}
