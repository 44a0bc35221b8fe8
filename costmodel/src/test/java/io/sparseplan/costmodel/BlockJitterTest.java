package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockJitterTest {
  private static final Occupancy SHARED = Occupancy.paired(7, 1.4);

  @ParameterizedTest
  @CsvSource({"1, 4", "2048, 4", "2049, 2", "4096, 2", "4097, 1", "1000000, 1", "0, 1"})
  void largerLaunchesHaveFewerRuns(long blocks, int runs) {
    assertThat(BlockJitter.of(SHARED, blocks).runs()).isEqualTo(runs);
  }

  @Test
  void blocksThatHaveAMultiprocessorForThemselvesDoNotVary() {
    BlockJitter jitter = BlockJitter.of(Occupancy.single(7), 100);
    long[] ticks = {5, 6};
    assertThat(jitter.runs()).isEqualTo(1);
    assertThat(jitter.ticks(ticks, 0, 98)).isSameAs(ticks);
  }

  @Test
  void theRunsOfAPairVaryByOppositeAmounts() {
    long[] ticks = new SplittableRandom(1).longs(300, 1, 1L << 40).toArray();
    BlockJitter jitter = BlockJitter.of(SHARED, ticks.length);
    for (int run = 0; run < jitter.runs(); run += 2) {
      long[] one = jitter.ticks(ticks, run, 0);
      long[] other = jitter.ticks(ticks, run + 1, 0);
      for (int block = 0; block < ticks.length; block++) {
        assertThat(one[block] + other[block]).isEqualTo(2 * ticks[block]);
      }
    }
    assertThat(jitter.ticks(ticks, 0, 0)).isNotEqualTo(jitter.ticks(ticks, 2, 0));
  }

  @Test
  void aBlockVariesByItsPlaceInTheLaunchAlone() {
    long[] ticks = new SplittableRandom(2).longs(50, 1, 1L << 40).toArray();
    BlockJitter jitter = BlockJitter.of(SHARED, 80);
    long[] all = jitter.ticks(ticks, 1, 30);
    long[] tail = jitter.ticks(Arrays.copyOfRange(ticks, 20, 50), 1, 50);
    assertThat(Arrays.copyOfRange(all, 20, 50)).isEqualTo(tail);
  }

  @Test
  void timesVaryByTwoPercent() {
    long[] ticks = new long[2048];
    Arrays.fill(ticks, 1L << 40);
    double[] shares =
        Arrays.stream(BlockJitter.of(SHARED, ticks.length).ticks(ticks, 0, 0))
            .mapToDouble(tick -> (double) tick / (1L << 40) - 1)
            .toArray();
    assertThat(Arrays.stream(shares).average().orElseThrow()).isCloseTo(0, within(0.001));
    assertThat(Math.sqrt(Arrays.stream(shares).map(s -> s * s).average().orElseThrow()))
        .isCloseTo(0.02, within(0.001));
    assertThat(Arrays.stream(shares).map(Math::abs).max().orElseThrow()).isLessThan(0.081);
  }

  @Test
  void aLaunchLastsAtLeastItsWorkSpreadEvenlyAndItsLongestBlock() {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 500; round++) {
      var occupancy = new Occupancy(random.nextInt(1, 6), 2, 1 + random.nextDouble());
      var constants = new KernelConstants(occupancy, 0, 0, 1, 1, 0);
      long[] ticks = random.longs(random.nextInt(1, 90), 1 << 20, 1 << 25).toArray();
      var simulator = new LaunchSimulator(constants, ticks.length);
      simulator.place(ticks, 1);
      long work = Arrays.stream(ticks).sum();
      long longest = Arrays.stream(ticks).max().orElseThrow();
      assertThat(simulator.makespanMicros() + 1e-6)
          .isGreaterThanOrEqualTo(TileSimulator.micros(work) / occupancy.slots())
          .isGreaterThanOrEqualTo(TileSimulator.micros(longest) / occupancy.aloneSpeedup());
    }
  }

  @Test
  void aLaunchIsTheMeanOfItsRuns() {
    var constants = new KernelConstants(SHARED, 0, 0.01, 1, 1, 0);
    long[] ticks = new SplittableRandom(4).longs(60, 1 << 20, 1 << 25).toArray();
    var simulator = new LaunchSimulator(constants, 3L * ticks.length);
    simulator.place(ticks, 3);
    BlockJitter jitter = BlockJitter.of(SHARED, 3L * ticks.length);
    double mean =
        IntStream.range(0, 4)
            .mapToDouble(
                run -> {
                  var one = new TileSimulator(constants);
                  for (int prompt = 0; prompt < 3; prompt++) {
                    one.place(jitter.ticks(ticks, run, 60L * prompt), 1);
                  }
                  return one.makespanMicros();
                })
            .average()
            .orElseThrow();
    assertThat(simulator.makespanMicros()).isCloseTo(mean, within(1e-9 * mean));
    assertThat(simulator.makespanMicros(1, SHARED.aloneSpeedup())[1])
        .isCloseTo(mean, within(1e-9 * mean));
  }
}
