package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SetProgramTest {
  @Test
  void windowsOfTheSameSinksAreOneChain() {
    List<int[]> sets = List.of(new int[] {0, 6, 7}, new int[] {0, 7}, new int[] {0, 3, 4, 5, 6, 7});
    SetProgram program = SetProgram.of(sets, new int[] {0, 1, 2});
    assertThat(program.steps()).containsExactly(-1, 0, 7, -3, 6, -2, 3, 4, 5, -4);
    assertThat(program.sets()).isEqualTo(3);
  }

  @Test
  void setsThatAreNotWantedAreNotAddedUp() {
    List<int[]> sets = List.of(new int[] {0, 1}, new int[] {1});
    assertThat(SetProgram.of(sets, new int[] {1}).steps()).containsExactly(-1, 1, -3);
    assertThat(SetProgram.of(sets, new int[0]).steps()).isEmpty();
  }

  @RepeatedTest(20)
  void everyWantedSetIsTakenOnceWithItsOwnTiles() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    var sets = new ArrayList<int[]>();
    for (int set = 0; set < 12; set++) {
      double density = random.nextDouble();
      sets.add(IntStream.range(0, 9).filter(tile -> random.nextDouble() < density).toArray());
    }
    int[] wanted = IntStream.range(0, 12).filter(set -> random.nextBoolean()).toArray();
    Map<Integer, int[]> taken = new HashMap<>();
    var sum = new TreeSet<Integer>();
    for (int step : SetProgram.of(sets, wanted).steps()) {
      if (step == -1) {
        sum.clear();
      } else if (step >= 0) {
        assertThat(sum.add(step)).as("seed %d", seed).isTrue();
      } else {
        int[] tiles = sum.stream().mapToInt(Integer::intValue).toArray();
        assertThat(taken.put(-2 - step, tiles)).as("seed %d", seed).isNull();
      }
    }
    assertThat(taken.keySet())
        .containsExactlyInAnyOrderElementsOf(IntStream.of(wanted).boxed().toList());
    taken.forEach((set, tiles) -> assertThat(tiles).as("seed %d", seed).isEqualTo(sets.get(set)));
  }
}
