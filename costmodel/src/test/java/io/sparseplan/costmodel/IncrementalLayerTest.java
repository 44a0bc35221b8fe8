package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IncrementalLayerTest {
  @Test
  void afterEveryChangeItIsTheLayerPlacedAnew() {
    var random = new SplittableRandom(12);
    for (Occupancy occupancy : List.of(Occupancy.single(5), Occupancy.paired(3, 1.4))) {
      double load = occupancy.blocksEach() == 1 ? 0.1 : 0;
      var constants = new KernelConstants(occupancy, 1, 0.01, load, load, 0.1, 0.3, 2, 0.5, 0.2, 0);
      for (int heads : List.of(1, 2, 7)) {
        List<long[]> blocks = new ArrayList<>();
        for (int head = 0; head < heads; head++) {
          blocks.add(blocks(random, random.nextInt(1, 9)));
        }
        var layer = new IncrementalLayer(constants, 2, blocks);
        for (int change = 0; change < 200; change++) {
          for (int i = random.nextInt(3); i > 0; i--) {
            int head = random.nextInt(heads);
            blocks.set(head, blocks(random, blocks.get(head).length));
            layer.set(head, blocks.get(head));
          }
          assertThat(layer.makespanMicros()).isEqualTo(placedAnew(constants, blocks));
        }
      }
    }
  }

  @Test
  void aLayerWithoutHeadsTakesNoTime() {
    var constants = new KernelConstants(Occupancy.single(5), 1, 0.01, 5, 2, 0.5);
    assertThat(new IncrementalLayer(constants, 1, List.of()).makespanMicros()).isZero();
  }

  private static long[] blocks(SplittableRandom random, int count) {
    return random.longs(count, 150_000, 1_000_000).toArray();
  }

  private static double placedAnew(KernelConstants constants, List<long[]> blocks) {
    long count = 2 * blocks.stream().mapToLong(ticks -> ticks.length).sum();
    var simulator = new LaunchSimulator(constants, count);
    blocks.forEach(ticks -> simulator.place(ticks, 2));
    return simulator.makespanMicros();
  }
}
