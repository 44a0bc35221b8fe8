package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.profiler.gpu.SpanProgram.Visible;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SpanProgramTest {
  private static final int TILE_OF_STEP = SpanProgram.KEEP - 1;

  @Test
  void sinksAndWindowsAreWalkedOnceEach() {
    List<int[]> sets = List.of(new int[] {0, 6, 7}, new int[] {0, 1, 7}, new int[] {0, 7});
    SpanProgram program =
        SpanProgram.of(sets, new int[] {0, 1, 2}, new Visible(0, 7)).orElseThrow();
    assertThat(Arrays.stream(program.steps()).map(step -> step & TILE_OF_STEP))
        .containsExactly(0, 1, 7, 6, 5, 4, 3, 2, 1, 0);
    assertThat(program.places()).isEqualTo(4);
    assertThat(program.scores()).isEqualTo(6);
  }

  @Test
  void aSetThatIsNoSpanIsRefused() {
    List<int[]> sets = List.of(new int[] {0, 7}, new int[] {0, 3, 7});
    assertThat(SpanProgram.of(sets, new int[] {0, 1}, new Visible(0, 7))).isEmpty();
    assertThat(SpanProgram.of(sets, new int[] {0}, new Visible(0, 7))).isPresent();
  }

  @Test
  void whatNoQuerySeesDoesNotCount() {
    List<int[]> sets = List.of(new int[] {0, 2, 7}, new int[] {0, 5, 7});
    SpanProgram program = SpanProgram.of(sets, new int[] {0, 1}, new Visible(5, 7)).orElseThrow();
    assertThat(tilesOf(program, 0)).containsExactly(7);
    assertThat(tilesOf(program, 1)).containsExactly(5, 7);
    assertThat(Arrays.stream(program.steps()).map(step -> step & TILE_OF_STEP))
        .allMatch(tile -> tile >= 5);
  }

  @Test
  void aSetThatIsNotWantedHasNoScore() {
    List<int[]> sets = List.of(new int[] {0}, new int[] {1});
    SpanProgram program = SpanProgram.of(sets, new int[] {1}, new Visible(0, 1)).orElseThrow();
    assertThatThrownBy(() -> program.scoreOf(0)).hasMessageContaining("0");
  }

  @RepeatedTest(20)
  void everySpanIsTheSumOfTwoThatWereKept() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    var visible = new Visible(random.nextInt(3), 3 + random.nextInt(9));
    int seen = visible.lastTile() - visible.firstTile() + 1;
    var sets = new ArrayList<int[]>();
    for (int set = 0; set < 15; set++) {
      int first = random.nextInt(seen + 1);
      int window = random.nextInt(seen + 1);
      sets.add(
          IntStream.range(0, seen)
              .filter(tile -> tile < first || tile >= seen - window)
              .map(tile -> tile + visible.firstTile())
              .toArray());
    }
    int[] wanted = IntStream.range(0, 15).filter(set -> random.nextBoolean()).toArray();
    SpanProgram program = SpanProgram.of(sets, wanted, visible).orElseThrow();
    for (int set : wanted) {
      assertThat(tilesOf(program, set)).as("seed %d", seed).isEqualTo(sets.get(set));
    }
    assertThat(Arrays.stream(wanted).map(program::scoreOf)).doesNotHaveDuplicates();
    int[] steps = program.steps();
    int[] dense = Arrays.copyOfRange(steps, steps.length - seen, steps.length);
    assertThat(Arrays.stream(dense).map(step -> step & TILE_OF_STEP))
        .as("the last walk sees all, seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(visible.firstTile(), visible.lastTile()).boxed().toList());
  }

  /** What the kernel adds up to a set: reads the program as it does. */
  private static int[] tilesOf(SpanProgram program, int set) {
    var kept = new ArrayList<TreeSet<Integer>>();
    var walked = new TreeSet<Integer>();
    for (int step : program.steps()) {
      if ((step & SpanProgram.CLEAR) != 0) {
        walked.clear();
      }
      assertThat(walked.add(step & TILE_OF_STEP)).isTrue();
      if ((step & SpanProgram.KEEP) != 0) {
        kept.add(new TreeSet<>(walked));
      }
    }
    assertThat(kept).hasSize(program.places());
    int score = program.scoreOf(set);
    int batch = score / SpanProgram.BATCH_SPANS * SpanProgram.BATCH_INTS;
    var tiles = new ArrayList<Integer>();
    for (int place :
        List.of(
            program.batches()[batch],
            program.batches()[batch + 1 + score % SpanProgram.BATCH_SPANS])) {
      if (place != SpanProgram.NONE) {
        tiles.addAll(kept.get(place));
      }
    }
    // A tile of both would be added twice.
    assertThat(tiles).doesNotHaveDuplicates();
    return tiles.stream().mapToInt(Integer::intValue).sorted().toArray();
  }
}
