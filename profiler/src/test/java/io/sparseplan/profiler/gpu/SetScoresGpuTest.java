package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.Workers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scores of sets of tiles, against attention over those tiles in float64. */
@GpuTest
class SetScoresGpuTest {
  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  @ParameterizedTest(name = "{0}/{1} heads of {2}, tile {3}, {4} tokens, reach {5}")
  @CsvSource({
    "1, 1,  64,  64,    1, 9999",
    "2, 1,  64,  64,  129, 9999",
    "4, 2,  64, 128,  777, 9999",
    "4, 1, 128,  64,  500, 9999",
    "6, 2, 128, 128,  700, 9999",
    "2, 2,  64,  64,  500,  100"
  })
  void scoresAreThoseOfAttentionOverTheTiles(
      int queryHeads, int kvHeads, int headDim, int tile, int tokens, int reach) {
    RandomCausalLayer layer =
        RandomCausalLayer.of(queryHeads, kvHeads, headDim, tile, tokens, reach, seed);
    PrefillShape shape = layer.shape();
    TileGrid grid = shape.grid();
    var sets = new HashMap<List<Integer>, List<int[]>>();
    var programs = new SetProgram[queryHeads][grid.tiles()];
    for (int head = 0; head < queryHeads; head++) {
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        List<int[]> ofUnit = randomSets(queryTile + 1);
        sets.put(List.of(head, queryTile), ofUnit);
        programs[head][queryTile] =
            SetProgram.of(ofUnit, IntStream.range(0, ofUnit.size()).toArray());
      }
    }
    Map<List<Integer>, Boolean> seen = new ConcurrentHashMap<>();
    try (GpuSession gpu = GpuSession.open(GpuSupport.required());
        var workers = new Workers(2);
        PrefillBuffers buffers = PrefillBuffers.allocate(gpu, List.of(shape));
        GpuBuffer gradient = gpu.allocate("gradients", 2L * layer.gradients().length);
        GpuSetScores scores =
            GpuSetScores.load(gpu, shape.attention().headDim(), grid.tile(), workers)) {
      layer.upload(buffers);
      gradient.upload(layer.gradients());
      scores.score(
          shape,
          buffers,
          gradient,
          programs,
          (head, queryTile, found) -> {
            seen.put(List.of(head, queryTile), true);
            compare(layer, reach, head, queryTile, sets.get(List.of(head, queryTile)), found);
          });
    }
    assertThat(seen).hasSize(queryHeads * grid.tiles());
  }

  /** Windows with sinks, the empty set, and others. */
  private List<int[]> randomSets(int visible) {
    var sets = new ArrayList<int[]>();
    sets.add(new int[0]);
    for (int window = 1; window <= Math.min(3, visible); window++) {
      int first = visible - window;
      sets.add(IntStream.range(0, visible).filter(t -> t == 0 || t >= first).toArray());
    }
    for (int other = 0; other < 4; other++) {
      double density = random.nextDouble();
      sets.add(IntStream.range(0, visible).filter(t -> random.nextDouble() < density).toArray());
    }
    sets.add(IntStream.range(0, visible).toArray());
    return sets;
  }

  private void compare(
      RandomCausalLayer layer,
      int reach,
      int head,
      int queryTile,
      List<int[]> sets,
      SetScores found) {
    TileGrid grid = layer.shape().grid();
    for (int token = grid.firstToken(queryTile); token < grid.endToken(queryTile); token += 7) {
      int row = token - grid.firstToken(queryTile);
      for (int set = 0; set < sets.size(); set++) {
        ReferenceSetScores want = ReferenceSetScores.of(layer, reach, head, token, sets.get(set));
        String what = "set %d of row %d of head %d, seed %d".formatted(set, token, head, seed);
        assertThat((double) found.squaredNorm(row))
            .as(what)
            .isCloseTo(want.squaredNorm(), within(0.01 * want.squaredNorm()));
        assertThat((double) found.kept(set, row))
            .as(what)
            .isCloseTo(want.kept(), within(ReferenceSetScores.KEPT_BOUND));
        assertThat(Math.sqrt(found.squaredError(set, row)))
            .as(what)
            .isCloseTo(Math.sqrt(want.squaredError()), within(want.errorSpread()));
        assertThat((double) found.change(set, row))
            .as(what)
            .isCloseTo(want.change(), within(want.changeSpread()));
      }
    }
  }
}
