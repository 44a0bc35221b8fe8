package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.costmodel.Occupancy;
import io.sparseplan.costmodel.TileSimulator;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LeastMakespanTest {
  @Test
  void longerBlocksNeverEndBeforeIt() {
    var random = new SplittableRandom(6);
    int tight = 0;
    for (int round = 0; round < 5000; round++) {
      int blocksEach = random.nextInt(1, 5);
      var occupancy =
          new Occupancy(
              random.nextInt(1, 7), blocksEach, 1 + random.nextDouble() * (blocksEach - 1));
      long[] blocks = random.longs(random.nextInt(1, 40), 1, 1L << 30).toArray();
      long[] longer =
          Arrays.stream(blocks)
              .map(ticks -> random.nextInt(3) == 0 ? ticks + random.nextLong(1L << 29) : ticks)
              .toArray();
      double least = least(occupancy, blocks, 1);
      assertThat(least).isLessThanOrEqualTo(simulated(occupancy, longer, 1));
      tight += least > 0.95 * simulated(occupancy, blocks, 1) ? 1 : 0;
    }
    assertThat(tight).isGreaterThan(2500);
  }

  @Test
  void itIsTheMakespanWhereNothingIsShared() {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 500; round++) {
      Occupancy occupancy = Occupancy.single(random.nextInt(1, 20));
      long[] blocks = random.longs(random.nextInt(1, 60), 1, 1L << 30).toArray();
      int times = random.nextInt(1, 5);
      assertThat(least(occupancy, blocks, times)).isEqualTo(simulated(occupancy, blocks, times));
    }
  }

  private static double least(Occupancy occupancy, long[] blocks, int times) {
    var makespan = new LeastMakespan(occupancy);
    makespan.place(blocks, times);
    return makespan.micros();
  }

  private static double simulated(Occupancy occupancy, long[] blocks, int times) {
    var simulator = new TileSimulator(occupancy);
    simulator.place(blocks, times);
    return simulator.makespanMicros();
  }
}
