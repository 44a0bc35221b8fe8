package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.profiler.Workers;
import java.util.ArrayList;
import java.util.Arrays;
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
  /** Kept shares are sums of weights in float32. */
  private static final double KEPT_BOUND = 1e-4;

  /** Weights are rounded to bf16 before they meet the values. */
  private static final double OUTPUT_BOUND = SquaredErrors.BF16_BOUND;

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
    int headDim = layer.shape().attention().headDim().count();
    int tokens = grid.length().count();
    int kvHead = head / layer.shape().attention().groupSize();
    ReferenceBackward.Found dense = layer.reference().get(head);
    int rows = tokens * headDim;
    var attention =
        new ReferenceAttention(
            headDim,
            Arrays.copyOfRange(layer.keys(), kvHead * rows, (kvHead + 1) * rows),
            Arrays.copyOfRange(layer.values(), kvHead * rows, (kvHead + 1) * rows));
    for (int token = grid.firstToken(queryTile); token < grid.endToken(queryTile); token += 7) {
      int row = token - grid.firstToken(queryTile);
      int at = (head * tokens + token) * headDim;
      short[] query = Arrays.copyOfRange(layer.queries(), at, at + headDim);
      short[] gradient = Arrays.copyOfRange(layer.gradients(), at, at + headDim);
      double[] o = Arrays.copyOfRange(dense.output(), token * headDim, (token + 1) * headDim);
      double norm = Arrays.stream(o).map(x -> x * x).sum();
      double size = norm(gradient);
      assertThat((double) found.squaredNorm(row)).isCloseTo(norm, within(0.01 * norm));
      for (int set = 0; set < sets.size(); set++) {
        int[] tiles = sets.get(set);
        int of = token;
        ReferenceAttention.Row want =
            attention.row(
                query,
                key ->
                    key <= of
                        && key > of - reach
                        && Arrays.binarySearch(tiles, key / grid.tile().tokens()) >= 0);
        double kept =
            want.logSumExp() == Double.NEGATIVE_INFINITY
                ? 0
                : Math.exp(want.logSumExp() - dense.logSumExp()[token]);
        double error = 0;
        double change = 0;
        for (int d = 0; d < headDim; d++) {
          double difference = want.output()[d] - o[d];
          error += difference * difference;
          change += difference * Bf16.toFloat(gradient[d]);
        }
        String what = "set %d of row %d of head %d, seed %d".formatted(set, token, head, seed);
        double spread = OUTPUT_BOUND * (Math.sqrt(norm(want.output())) + Math.sqrt(norm));
        assertThat((double) found.kept(set, row)).as(what).isCloseTo(kept, within(KEPT_BOUND));
        assertThat(Math.sqrt(found.squaredError(set, row)))
            .as(what)
            .isCloseTo(Math.sqrt(error), within(2 * spread));
        assertThat((double) found.change(set, row))
            .as(what)
            .isCloseTo(change, within(2 * spread * Math.sqrt(size)));
      }
    }
  }

  private static double norm(short[] row) {
    return IntStream.range(0, row.length)
        .mapToDouble(d -> Bf16.toFloat(row[d]))
        .map(x -> x * x)
        .sum();
  }

  private static double norm(double[] row) {
    return Arrays.stream(row).map(x -> x * x).sum();
  }
}
