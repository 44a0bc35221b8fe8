package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.Workers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sums of scores of sinks and windows on Hopper, against attention over those tiles in float64. The
 * other GPUs score them one set at a time: {@link SetScoresGpuTest}.
 */
@GpuTest
class SpanScoresGpuTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  /** What was found of one query tile of a head. */
  private record Found(double squaredNorm, List<double[]> sums, List<byte[]> bins) {}

  @ParameterizedTest(name = "{0}/{1} heads of {2}, tile {3}, {4} tokens, reach {5}")
  @CsvSource({
    "1, 1,  64,  64,    1, 9999",
    "2, 1,  64,  64,  129, 9999",
    "4, 2,  64, 128,  777, 9999",
    "4, 1, 128,  64,  500, 9999",
    "6, 2, 128, 128,  700, 9999",
    "2, 2,  64,  64,  500,  100",
    "2, 1, 128, 128,  900,  200"
  })
  void sumsAreThoseOfAttentionOverTheTiles(
      int queryHeads, int kvHeads, int headDim, int tile, int tokens, int reach) {
    RandomCausalLayer layer =
        RandomCausalLayer.of(queryHeads, kvHeads, headDim, tile, tokens, reach, seed);
    List<List<List<int[]>>> sets = randomSets(layer.shape());
    Map<List<Integer>, Found> found = score(layer, sets);
    assertThat(found).hasSize(queryHeads * layer.shape().grid().tiles());
    found.entrySet().parallelStream()
        .forEach(
            unit -> {
              int head = unit.getKey().getFirst();
              int queryTile = unit.getKey().getLast();
              compare(
                  layer, reach, head, queryTile, sets.get(head).get(queryTile), unit.getValue());
            });
  }

  @Test
  void twoRunsGiveTheSameBits() {
    RandomCausalLayer layer = RandomCausalLayer.of(4, 2, 64, 64, 777, 9999, seed);
    List<List<List<int[]>>> sets = randomSets(layer.shape());
    Map<List<Integer>, Found> first = score(layer, sets);
    Map<List<Integer>, Found> again = score(layer, sets);
    for (List<Integer> unit : first.keySet()) {
      assertThat(again.get(unit))
          .usingRecursiveComparison()
          .as("unit %s, seed %d", unit, seed)
          .isEqualTo(first.get(unit));
    }
  }

  private static Map<List<Integer>, Found> score(
      RandomCausalLayer layer, List<List<List<int[]>>> sets) {
    PrefillShape shape = layer.shape();
    TileGrid grid = shape.grid();
    var programs = new SpanProgram[sets.size()][grid.tiles()];
    for (int head = 0; head < programs.length; head++) {
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        List<int[]> ofUnit = sets.get(head).get(queryTile);
        programs[head][queryTile] =
            SpanProgram.of(
                    ofUnit, IntStream.range(0, ofUnit.size()).toArray(), shape.visible(queryTile))
                .orElseThrow();
      }
    }
    Gpu gpu = GpuSupport.required();
    assumeTrue(GpuSpanScores.runsOn(gpu), "The kernel is for Hopper alone.");
    Map<List<Integer>, Found> found = new ConcurrentHashMap<>();
    try (GpuSession session = GpuSession.open(gpu);
        var workers = new Workers(2);
        PrefillBuffers buffers = PrefillBuffers.allocate(session, List.of(shape));
        GpuBuffer gradient = session.allocate("gradients", 2L * layer.gradients().length);
        GpuSpanScores scores =
            GpuSpanScores.load(session, shape.attention().headDim(), grid.tile(), workers)) {
      layer.upload(buffers);
      gradient.upload(layer.gradients());
      scores.score(
          shape,
          buffers,
          gradient,
          programs,
          (head, queryTile, unit) -> {
            var sums = new ArrayList<double[]>();
            var bins = new ArrayList<byte[]>();
            for (int set = 0; set < sets.get(head).get(queryTile).size(); set++) {
              sums.add(
                  new double[] {
                    unit.kept(set),
                    unit.squaredError(set),
                    unit.absoluteChange(set),
                    unit.squaredChange(set),
                    unit.signedChange(set)
                  });
              var ofRows = new byte[grid.endToken(queryTile) - grid.firstToken(queryTile)];
              unit.copyBins(set, ofRows);
              bins.add(ofRows);
            }
            found.put(List.of(head, queryTile), new Found(unit.squaredNorm(), sums, bins));
          });
    }
    return found;
  }

  /** Of each head and query tile sinks with windows, in any order; no sinks, no window, nothing. */
  private List<List<List<int[]>>> randomSets(PrefillShape shape) {
    var sets = new ArrayList<List<List<int[]>>>();
    for (int head = 0; head < shape.attention().queryHeads().count(); head++) {
      var ofHead = new ArrayList<List<int[]>>();
      for (int queryTile = 0; queryTile < shape.grid().tiles(); queryTile++) {
        int visible = queryTile + 1;
        var ofUnit = new ArrayList<int[]>();
        ofUnit.add(new int[0]);
        ofUnit.add(IntStream.range(0, visible).toArray());
        for (int other = 0; other < 8; other++) {
          int sinks = random.nextInt(Math.min(5, visible + 1));
          int window = random.nextInt(visible + 1);
          ofUnit.add(
              IntStream.range(0, visible)
                  .filter(tile -> tile < sinks || tile >= visible - window)
                  .toArray());
        }
        Collections.shuffle(ofUnit, new Random(random.nextLong()));
        ofHead.add(ofUnit);
      }
      sets.add(ofHead);
    }
    return sets;
  }

  private void compare(
      RandomCausalLayer layer, int reach, int head, int queryTile, List<int[]> sets, Found found) {
    TileGrid grid = layer.shape().grid();
    int first = grid.firstToken(queryTile);
    int rows = grid.endToken(queryTile) - first;
    for (int set = 0; set < sets.size(); set++) {
      int[] tiles = sets.get(set);
      String what = "set %d of tile %d of head %d, seed %d".formatted(set, queryTile, head, seed);
      double norm = 0;
      double kept = 0;
      double error = 0;
      double errorSpread = 0;
      double absolute = 0;
      double squared = 0;
      double signed = 0;
      double changeSpread = 0;
      double squaredSpread = 0;
      for (int row = 0; row < rows; row++) {
        ReferenceSetScores want = ReferenceSetScores.of(layer, reach, head, first + row, tiles);
        norm += want.squaredNorm();
        kept += want.kept();
        error += want.squaredError();
        errorSpread += want.errorSpread() * want.errorSpread();
        absolute += Math.abs(want.change());
        squared += want.change() * want.change();
        signed += want.change();
        changeSpread += want.changeSpread();
        squaredSpread += want.changeSpread() * want.changeSpread();
        assertThat(found.bins.get(set)[row] & 0xff)
            .as(what)
            .isBetween(
                bin(want.kept() - ReferenceSetScores.KEPT_BOUND),
                bin(want.kept() + ReferenceSetScores.KEPT_BOUND));
      }
      double[] sums = found.sums.get(set);
      assertThat(found.squaredNorm).as(what).isCloseTo(norm, within(0.01 * norm));
      assertThat(sums[0]).as(what).isCloseTo(kept, within(rows * ReferenceSetScores.KEPT_BOUND));
      assertThat(Math.sqrt(sums[1]))
          .as(what)
          .isCloseTo(Math.sqrt(error), within(Math.sqrt(errorSpread)));
      assertThat(sums[2]).as(what).isCloseTo(absolute, within(changeSpread));
      assertThat(Math.sqrt(sums[3]))
          .as(what)
          .isCloseTo(Math.sqrt(squared), within(Math.sqrt(squaredSpread)));
      assertThat(sums[4]).as(what).isCloseTo(signed, within(changeSpread));
    }
  }

  private static int bin(double kept) {
    return Math.clamp((int) Math.floor(kept * 256), 0, 255);
  }
}
