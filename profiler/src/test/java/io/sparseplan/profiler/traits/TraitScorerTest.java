package io.sparseplan.profiler.traits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.profile.HeadTraits;
import io.sparseplan.plans.profile.KeptTiles;
import io.sparseplan.profiler.Workers;
import io.sparseplan.profiler.attention.NaiveAttention;
import io.sparseplan.profiler.attention.NaiveSelection;
import io.sparseplan.profiler.attention.RandomLayer;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
import io.sparseplan.profiler.prompt.CopyTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The traits against their definitions, from the whole N × N weights in double. */
final class TraitScorerTest {
  @ParameterizedTest
  @CsvSource({
    "1, 16, 8",
    "16, 16, 8",
    "50, 16, 32",
    "171, 16, 10",
    "100, 7, 18",
    "150, 24, 4",
    "300, 2, 4",
    "40, 200, 6"
  })
  void everyTraitIsThatOfItsDefinition(int tokens, int tile, int headDim) {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(tokens, tile, headDim, workers);
      List<CopyTarget> targets = targets(tokens);
      List<HeadTraits> found = traits(layer, targets, workers);
      assertThat(found).hasSize(4);
      for (int head = 0; head < 4; head++) {
        assertTraits(found.get(head), layer.naive(), layer.grid, head, targets);
      }
    }
  }

  @Test
  void keysBeyondTheReachOfTheLayerDoNotCount() {
    try (Workers workers = new Workers(2)) {
      var layer = new RandomLayer(130, 16, 8, workers);
      var reach = new AttentionReach.SlidingWindow(Tokens.of(40));
      layer.keyValues.pack(layer.k, layer.v, layer.rotary, reach, workers);
      var naive = new NaiveAttention(layer.shape, layer.rope, reach, layer.q, layer.k, layer.v);
      List<CopyTarget> targets = targets(130);
      HeadTraits found = traits(layer, targets, workers).get(2);
      double[][] weights = weights(naive, layer.grid, 2);
      assertThat(found.copyHits()).isEqualTo(copyHits(weights, targets));
      assertThat(found.verticalSlash().verticals()).isEqualTo(columns(weights).length);
      assertThat(found.verticalSlash().slashes()).isEqualTo(diagonals(weights).length);
      assertThat(found.antidiagonal().recall()).isBetween(0.3f, 1.001f);
      for (int queryTile = 4; queryTile < 9; queryTile++) {
        assertThat(found.keptTiles().keeps(queryTile, 0)).isFalse();
      }
    }
  }

  @Test
  void traitsDoNotDependOnTheNumberOfThreads() {
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      var layer = new RandomLayer(200, 16, 8, one);
      assertThat(traits(layer, targets(200), three))
          .usingRecursiveComparison()
          .isEqualTo(traits(layer, targets(200), one));
    }
  }

  private static List<HeadTraits> traits(
      RandomLayer layer, List<CopyTarget> targets, Workers workers) {
    LayerAttention dense = layer.dense(workers);
    RandomLayer.Backward backward = layer.backward(dense, workers);
    return new TraitScorer(layer.grid, layer.shape, targets, workers)
        .score(dense, backward.blocks());
  }

  /** Many rows, in no order, with half of the keys each, so that some are hit. */
  private static List<CopyTarget> targets(int tokens) {
    var random = new Random(5);
    var targets = new ArrayList<CopyTarget>();
    for (int n = 0; n < 60; n++) {
      int row = random.nextInt(tokens);
      int[] keys = IntStream.rangeClosed(0, row).filter(key -> random.nextBoolean()).toArray();
      targets.add(new CopyTarget(row, keys));
    }
    return targets;
  }

  private static void assertTraits(
      HeadTraits found, NaiveAttention naive, TileGrid grid, int head, List<CopyTarget> targets) {
    double[][] weights = weights(naive, grid, head);
    assertThat(found.copyHits()).isEqualTo(copyHits(weights, targets));
    int[] diagonals = diagonals(weights);
    assertThat(found.verticalSlash().verticals()).isEqualTo(columns(weights).length);
    assertThat(found.verticalSlash().slashes()).isEqualTo(diagonals.length);
    assertThat((double) found.verticalSlash().slashBlocks())
        .isCloseTo(meanBlocksOfRanges(diagonals, weights.length), within(1e-6));
    double[] products = channelProducts(naive, head, weights.length);
    assertThat(found.channelProducts()).hasSize(products.length);
    for (int c = 0; c < products.length; c++) {
      assertThat((double) found.channelProducts()[c])
          .isCloseTo(products[c], within(1e-5 * (1 + products[c])));
    }
    double[][] mass = blockMass(weights, grid);
    assertAntidiagonal(found, antidiagonals(naive, grid, head), mass);
    assertKeptTiles(found.keptTiles(), mass);
  }

  private static double[][] weights(NaiveAttention naive, TileGrid grid, int head) {
    return IntStream.range(0, grid.length().count())
        .mapToObj(query -> naive.weights(head, query, new Dense(), grid))
        .toArray(double[][]::new);
  }

  private static int copyHits(double[][] weights, List<CopyTarget> targets) {
    int hits = 0;
    for (CopyTarget target : targets) {
      double[] row = weights[target.row()];
      int heaviest = 0;
      for (int key = 0; key < row.length; key++) {
        heaviest = row[key] > row[heaviest] ? key : heaviest;
      }
      int looked = heaviest;
      hits += Arrays.stream(target.keys()).anyMatch(key -> key == looked) ? 1 : 0;
    }
    return hits;
  }

  private static int[] columns(double[][] weights) {
    double[] sums = new double[weights.length];
    for (int query = Math.max(0, weights.length - 64); query < weights.length; query++) {
      for (int key = 0; key <= query; key++) {
        sums[key] += weights[query][key];
      }
    }
    return heaviest(sums, 0.9);
  }

  private static int[] diagonals(double[][] weights) {
    double[] sums = new double[weights.length];
    for (int query = Math.max(0, weights.length - 64); query < weights.length; query++) {
      for (int key = 0; key <= query; key++) {
        sums[query - key] += weights[query][key];
      }
    }
    return heaviest(sums, 0.9);
  }

  /** The fewest places that hold the share, ascending: one after the other by value. */
  private static int[] heaviest(double[] sums, double share) {
    Integer[] places = IntStream.range(0, sums.length).boxed().toArray(Integer[]::new);
    Arrays.sort(places, Comparator.comparing((Integer place) -> -sums[place]));
    double all = Arrays.stream(sums).sum();
    int count = 0;
    for (double held = 0; held < share * all; held += sums[places[count - 1]]) {
      count++;
    }
    return Arrays.stream(places, 0, count).mapToInt(Integer::intValue).sorted().toArray();
  }

  /** MInference's merging, with the ranges written out. */
  private static double meanBlocksOfRanges(int[] distances, int tokens) {
    double blocks = 0;
    int queryBlocks = (tokens + 63) / 64;
    for (int queryBlock = 0; queryBlock < queryBlocks; queryBlock++) {
      int end = queryBlock * 64 + 64;
      var ranges = new ArrayList<int[]>();
      for (int n = distances.length - 1; n >= 0; n--) {
        if (distances[n] >= end) {
          continue;
        }
        int last = Math.max(64, end - distances[n]);
        if (ranges.isEmpty() || last > ranges.getLast()[1] + 64) {
          ranges.add(new int[] {last - 64, last});
        } else if (last > ranges.getLast()[1]) {
          ranges.getLast()[1] += 64;
        }
      }
      for (int[] range : ranges) {
        blocks += (range[1] - range[0]) / 64.0;
      }
    }
    return blocks / queryBlocks;
  }

  private static double[] channelProducts(NaiveAttention naive, int head, int tokens) {
    double[] means = new double[naive.query(head, 0).length];
    for (int token = 0; token < tokens; token++) {
      double[] query = naive.query(head, token);
      double[] key = naive.key(head, token);
      for (int c = 0; c < means.length; c++) {
        means[c] += Math.abs(query[c] * key[c]) / tokens;
      }
    }
    return means;
  }

  private static double[][] blockMass(double[][] weights, TileGrid grid) {
    double[][] mass = new double[grid.tiles()][grid.tiles()];
    int tile = grid.tile().tokens();
    for (int query = 0; query < weights.length; query++) {
      for (int key = 0; key <= query; key++) {
        mass[query / tile][key / tile] += weights[query][key];
      }
    }
    return mass;
  }

  /** XAttention's stride of 16, or what divides both it and the tile. */
  private static double[][] antidiagonals(NaiveAttention naive, TileGrid grid, int head) {
    int stride = 1;
    for (int s = 2; s <= 16; s *= 2) {
      stride = grid.tile().tokens() % s == 0 ? s : stride;
    }
    return NaiveSelection.antidiagonals(naive, grid, head, stride);
  }

  private static void assertAntidiagonal(HeadTraits found, double[][] estimate, double[][] mass) {
    double kept = 0;
    double all = 0;
    int blocks = 0;
    int visible = 0;
    double needed = 0;
    double estimated = 0;
    for (int i = 0; i < mass.length; i++) {
      double[] ofRow = Arrays.copyOf(estimate[i], i + 1);
      double[] rest = ofRow.clone();
      double total = Arrays.stream(ofRow).sum();
      double before = ofRow[0] + (i > 0 ? ofRow[i] : 0);
      rest[0] = -1;
      rest[i] = -1;
      boolean[] chosen = new boolean[i + 1];
      chosen[0] = true;
      chosen[i] = true;
      for (int n = 0; n < i - 1 && before < 0.9 * total; n++) {
        int next = 0;
        for (int j = 1; j <= i; j++) {
          next = rest[j] > rest[next] ? j : next;
        }
        chosen[next] = true;
        before += ofRow[next];
        rest[next] = -1;
      }
      double[] ofMass = Arrays.copyOf(mass[i], i + 1);
      double least =
          Arrays.stream(heaviest(ofMass, 0.9)).mapToDouble(j -> ofRow[j]).min().orElseThrow();
      for (int j = 0; j <= i; j++) {
        kept += chosen[j] ? mass[i][j] : 0;
        blocks += chosen[j] ? 1 : 0;
        needed += ofRow[j] >= least ? ofRow[j] : 0;
      }
      visible += i + 1;
      estimated += total;
      all += Arrays.stream(ofMass).sum();
    }
    assertThat((double) found.antidiagonal().recall()).isCloseTo(kept / all, within(1e-5));
    assertThat((double) found.antidiagonal().density())
        .isCloseTo((double) blocks / visible, within(1e-6));
    assertThat((double) found.antidiagonal().threshold())
        .isCloseTo(needed / estimated, within(1e-5));
  }

  private static void assertKeptTiles(KeptTiles found, double[][] mass) {
    int side = Math.min(64, mass.length);
    double[][] bands = new double[side][side];
    for (int i = 0; i < mass.length; i++) {
      for (int j = 0; j <= i; j++) {
        bands[i * side / mass.length][j * side / mass.length] += mass[i][j];
      }
    }
    assertThat(found.side()).isEqualTo(side);
    for (int i = 0; i < side; i++) {
      int[] expected = heaviest(Arrays.copyOf(bands[i], i + 1), 0.95);
      int row = i;
      assertThat(IntStream.rangeClosed(0, i).filter(j -> found.keeps(row, j)).toArray())
          .isEqualTo(expected);
    }
  }
}
