package io.sparseplan.costmodel.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.costmodel.RelativeError;
import io.sparseplan.costmodel.decode.SplitKvLaunch.Batch;
import io.sparseplan.costmodel.decode.SplitKvLaunch.ChunkTiles;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.model.HeadDim;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SplitKvTimeTest {
  private static final SplitKvShape SHAPE = new SplitKvShape(new HeadDim(128), 4, new TileSize(64));
  private static final SplitKvConstants GPU = new SplitKvConstants(13, 5, 0.1, 3.4e5);
  private static final SplitKvKernel KERNEL =
      new SplitKvKernel(SHAPE, 2, 1.3, 1.4, 1, new RelativeError(0, 0));

  private static SplitKvLaunch launch(int batch, int chunkTiles, Integer... tiles) {
    return new SplitKvLaunch(SHAPE, new Batch(batch), List.of(tiles), new ChunkTiles(chunkTiles));
  }

  /** Second by second: every block is followed, and memory is shared out anew at each event. */
  private static double slow(SplitKvLaunch launch) {
    var waiting = new ArrayDeque<Double>();
    for (int sequence = 0; sequence < launch.batch().sequences(); sequence++) {
      for (int tiles : launch.visitedTiles()) {
        for (int left = tiles; left > 0; left -= launch.chunkTiles().count()) {
          waiting.add(
              KERNEL.blockMicros()
                  + KERNEL.tileMicros() * Math.min(left, launch.chunkTiles().count()));
        }
      }
    }
    var running = new ArrayList<Double>();
    double now = 0;
    while (true) {
      while (running.size() < GPU.multiprocessors() * KERNEL.blocksEach() && !waiting.isEmpty()) {
        running.add(waiting.remove());
      }
      if (running.isEmpty()) {
        break;
      }
      double asked = running.size() * SHAPE.bytesOfTile() / KERNEL.tileMicros();
      double given = 1 / Math.sqrt(1 / (asked * asked) + 1 / Math.pow(GPU.bytesPerMicro(), 2));
      double rate = given / asked;
      double step = running.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
      now += step / rate;
      running.replaceAll(left -> left - step);
      running.removeIf(left -> left < 1e-9);
    }
    int most =
        launch.visitedTiles().stream()
            .mapToInt(tiles -> Math.ceilDiv(tiles, launch.chunkTiles().count()))
            .max()
            .orElseThrow();
    return GPU.launchMicros() + now + GPU.mergeMicros() * most;
  }

  @RepeatedTest(300)
  void theTimeIsThatOfFollowingEveryBlock(RepetitionInfo repetition) {
    var random = new Random(repetition.getCurrentRepetition());
    Integer[] tiles =
        IntStream.range(0, 1 + random.nextInt(12))
            .mapToObj(head -> 1 + random.nextInt(random.nextBoolean() ? 4 : 90))
            .toArray(Integer[]::new);
    SplitKvLaunch launch = launch(1 + random.nextInt(5), 1 + random.nextInt(20), tiles);
    double slow = slow(launch);
    assertThat(SplitKvTime.micros(launch, GPU, KERNEL)).isCloseTo(slow, within(1e-9 * slow));
  }

  @Test
  void aLoneBlockIsBoundByItsOwnLatency() {
    double micros = SplitKvTime.micros(launch(1, 16, 16), GPU, KERNEL);
    double alone = 5 + 1.3 + 16 * 1.4 + 0.1;
    double asked = SHAPE.bytesOfTile() / 1.4;
    assertThat(micros)
        .isCloseTo(alone + (alone - 5.1) * (Math.hypot(1, asked / 3.4e5) - 1), within(1e-9));
  }

  @Test
  void memoryNeverGivesMoreThanItsBandwidth() {
    for (int batch : new int[] {1, 3, 40}) {
      for (int chunk : new int[] {1, 16, 500}) {
        SplitKvLaunch launch = launch(batch, chunk, 500, 500, 3, 77);
        double micros = SplitKvTime.micros(launch, GPU, KERNEL);
        assertThat(launch.bytes() / micros).isLessThan(GPU.bytesPerMicro());
      }
    }
  }

  @Test
  void chunksAreCutWithinAHeadAndRepeatForEverySequence() {
    assertThat(launch(2, 4, 9, 1, 4).tilesOfBlocks()).containsExactly(4, 4, 1, 1, 4, 4, 4, 1, 1, 4);
    assertThat(launch(2, 4, 9, 1, 4).mostChunks()).isEqualTo(3);
  }

  @Test
  void slotsEndAsListSchedulingSays() {
    var random = new Random(7);
    for (int slots = 1; slots < 40; slots += 3) {
      double[] work = random.doubles(100, 0.1, 9).toArray();
      double[] free = new double[slots];
      for (double micros : work) {
        int first =
            IntStream.range(0, free.length).reduce((a, b) -> free[b] < free[a] ? b : a).getAsInt();
        free[first] += micros;
      }
      Arrays.sort(free);
      assertThat(SlotEnds.of(work, slots)).containsExactly(free, within(1e-9));
    }
  }
}
