package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.pattern.HierarchicalTopK.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules that look at single tokens, against the same told token by token, on random heads. */
final class RulesOfSingleTokensTest {
  private static final int GEOMETRIES = 1_000;

  private final SplittableRandom random = new SplittableRandom(41);

  private HeadVectors head(TileGrid grid) {
    int tokens = grid.length().count();
    return new HeadVectors(grid, vectors(tokens), vectors(tokens), vectors(tokens));
  }

  private float[][] vectors(int tokens) {
    float[][] vectors = new float[tokens][3];
    for (float[] vector : vectors) {
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) (2 * random.nextGaussian());
      }
    }
    return vectors;
  }

  private TileGrid causalGrid() {
    return TileGrid.causal(Tokens.of(1 + random.nextInt(90)), new TileSize(1 + random.nextInt(12)));
  }

  private static double product(HeadVectors head, int query, int key) {
    double sum = 0;
    for (int d = 0; d < head.queries()[query].length; d++) {
      sum += (double) head.queries()[query][d] * head.keys()[key][d];
    }
    return sum;
  }

  private static void assertTiles(TileLists found, BitSet[] keysOfQuery) {
    TileGrid grid = found.grid();
    int tile = grid.tile().tokens();
    for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
      var tiles = new BitSet();
      for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
        keysOfQuery[query].stream().forEach(key -> tiles.set(key / tile));
      }
      int row = queryTile;
      assertThat(IntStream.range(0, found.count(row)).map(nth -> found.keyTile(row, nth)).toArray())
          .as("query tile %d of %s", queryTile, grid)
          .isEqualTo(tiles.stream().toArray());
    }
  }

  @Test
  void stagesKeepTheChunksThatEachQueryWouldPruneTo() {
    for (int nth = 0; nth < GEOMETRIES; nth++) {
      HeadVectors head = head(causalGrid());
      var stages = new ArrayList<Stage>();
      for (int stage = 0; stage <= random.nextInt(3); stage++) {
        stages.add(
            new Stage(
                Tokens.of(1 + random.nextInt(20)),
                Tokens.of(1 + random.nextInt(4)),
                Tokens.of(1 + random.nextInt(17)),
                Tokens.of(stage == 0 ? 0 : random.nextInt(40)),
                1 + random.nextInt(3)));
      }
      var rule =
          new HierarchicalTopK(
              stages,
              Tokens.of(1 + random.nextInt(30)),
              Tokens.of(random.nextInt(20)),
              Tokens.of(random.nextInt(12)));
      int tokens = head.grid().length().count();
      var keys = new BitSet[tokens];
      Arrays.setAll(keys, query -> keysOf(rule, head, query));
      assertTiles(rule.select(head), keys);
    }
  }

  private record Run(int first, int end) {}

  /** What one query reads: its stages one after the other, every chunk's speaker found anew. */
  private static BitSet keysOf(HierarchicalTopK rule, HeadVectors head, int query) {
    int from = 0;
    int to = head.grid().length().count();
    List<Run> runs = new ArrayList<>();
    int coarsest = -1;
    int chunkBefore = 0;
    for (Stage stage : rule.stages()) {
      int span = stage.queryBlock().count() * stage.blockStride();
      from = Math.max(from, query / span * span);
      to = Math.min(to, query / span * span + span);
      int speakersEnd = Math.min(to, from + stage.queryBlock().count());
      if (coarsest < 0) {
        coarsest = from;
        if (from - rule.window().count() > rule.sink().count()) {
          runs.add(new Run(rule.sink().count(), from - rule.window().count()));
        }
      } else if (stage.keep().count() > 0) {
        int most = Math.max(1, stage.keep().count() / chunkBefore);
        runs = runs.subList(0, Math.min(most, runs.size()));
      }
      List<Run> chunks = new ArrayList<>();
      for (Run run : runs) {
        for (int first = run.first; first < run.end; first += stage.chunk().count()) {
          chunks.add(new Run(first, Math.min(run.end, first + stage.chunk().count())));
        }
      }
      int speakers = from;
      chunks.sort(
          Comparator.comparingDouble(
                  (Run run) ->
                      -best(
                          head,
                          speakers,
                          speakersEnd,
                          stage,
                          speaker(head, speakers, speakersEnd, stage, run)))
              .thenComparingInt(Run::first));
      runs = chunks;
      chunkBefore = stage.chunk().count();
    }
    var keys = new BitSet();
    runs.stream()
        .limit(Math.max(1, rule.budget().count() / chunkBefore))
        .forEach(run -> keys.set(run.first, run.end));
    keys.set(0, Math.min(rule.sink().count(), query + 1));
    keys.set(Math.max(0, coarsest - rule.window().count()), query + 1);
    return keys;
  }

  private static int speaker(HeadVectors head, int from, int end, Stage stage, Run run) {
    if (run.end - run.first == 1) {
      return run.first;
    }
    int middle = (run.first + run.end) / 2;
    boolean second = best(head, from, end, stage, middle) > best(head, from, end, stage, run.first);
    return speaker(
        head, from, end, stage, second ? new Run(middle, run.end) : new Run(run.first, middle));
  }

  private static double best(HeadVectors head, int from, int end, Stage stage, int key) {
    return IntStream.range(from, end)
        .filter(query -> (query - from) % stage.queryStride().count() == 0)
        .mapToDouble(query -> product(head, query, key))
        .max()
        .orElseThrow();
  }

  @Test
  void twoStagesByHand() {
    // Keys 0..15 all zero but key 6, which every query likes: of chunks of 4 that of 4..7, of which
    // only its middle speaks up, and of that the half 6..7.
    TileGrid grid = TileGrid.causal(Tokens.of(20), new TileSize(2));
    float[][] ones = new float[20][1];
    float[][] keys = new float[20][1];
    for (float[] vector : ones) {
      vector[0] = 1;
    }
    keys[6][0] = 1;
    var head = new HeadVectors(grid, ones, keys, keys);
    var coarse = new Stage(Tokens.of(4), Tokens.of(1), Tokens.of(4), Tokens.of(0), 1);
    var fine = new Stage(Tokens.of(4), Tokens.of(2), Tokens.of(2), Tokens.of(4), 1);
    var rule =
        new HierarchicalTopK(List.of(coarse, fine), Tokens.of(2), Tokens.of(1), Tokens.of(0));
    TileLists lists = rule.select(head);
    // Queries 16..19 read keys 6..7, tile 3, and from key 15 on.
    assertThat(IntStream.range(0, lists.count(8)).map(nth -> lists.keyTile(8, nth)))
        .containsExactly(3, 7, 8);
    assertThat(IntStream.range(0, lists.count(9)).map(nth -> lists.keyTile(9, nth)))
        .containsExactly(3, 7, 8, 9);
  }

  @Test
  void softmaxIsSkippedWhereAKernelThatGoesThroughTheTilesWouldSkipIt() {
    for (int nth = 0; nth < GEOMETRIES; nth++) {
      TileGrid causal = causalGrid();
      TileGrid grid =
          nth % 2 == 0 ? causal : TileGrid.bidirectional(causal.length(), causal.tile());
      HeadVectors head = head(grid);
      var rule =
          new SkipSoftmax(0.01 + random.nextDouble(60), random.nextDouble(5), random.nextDouble());
      double lambda =
          Math.min(
              1, rule.scale() * Math.exp(rule.growth() * rule.skipped()) / grid.length().count());
      double[][] gaps = new double[grid.tiles()][];
      TileLists[] kept = {null};
      var expected = new BitSet[grid.tiles()];
      for (int queryTile = 0; queryTile < gaps.length; queryTile++) {
        gaps[queryTile] = new double[grid.lastVisibleKeyTile(queryTile) + 1];
        Arrays.fill(gaps[queryTile], Double.NEGATIVE_INFINITY);
        expected[queryTile] = new BitSet();
        for (int query = grid.firstToken(queryTile); query < grid.endToken(queryTile); query++) {
          double running = Double.NEGATIVE_INFINITY;
          for (int keyTile = 0; keyTile < gaps[queryTile].length; keyTile++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int key = grid.firstToken(keyTile); key < grid.endToken(keyTile); key++) {
              if (nth % 2 == 1 || key <= query) {
                max = Math.max(max, product(head, query, key) / Math.sqrt(3));
              }
            }
            running = Math.max(running, max);
            if (max > Double.NEGATIVE_INFINITY) {
              gaps[queryTile][keyTile] = Math.max(gaps[queryTile][keyTile], max - running);
              if (Math.exp(max - running) >= lambda) {
                expected[queryTile].set(keyTile);
              }
            }
          }
        }
      }
      kept[0] = rule.select(new RunningGaps(grid, gaps));
      for (int queryTile = 0; queryTile < gaps.length; queryTile++) {
        int row = queryTile;
        assertThat(
                IntStream.range(0, kept[0].count(row))
                    .map(at -> kept[0].keyTile(row, at))
                    .toArray())
            .isEqualTo(expected[row].stream().toArray());
      }
    }
  }

  @Test
  void theBandWhoseSampledOutputsAreNearerIsTaken() {
    int temporal = 0;
    for (int nth = 0; nth < GEOMETRIES; nth++) {
      var extents =
          new Extents(1 + random.nextInt(5), 1 + random.nextInt(4), 1 + random.nextInt(4));
      var video =
          new VideoLayout(
              extents,
              Tokens.of(random.nextInt(4)),
              new Extents(
                  1 + random.nextInt(extents.frames()),
                  1 + random.nextInt(extents.height()),
                  1 + random.nextInt(extents.width())));
      TileGrid grid = TileGrid.of(video, new TileSize(1 + random.nextInt(6)));
      HeadVectors head = head(grid);
      var rule =
          new SampledBand(
              0.05 + 0.95 * random.nextDouble(),
              1 + random.nextInt(6),
              1 + random.nextInt(40),
              random.nextBoolean(),
              random.nextLong());
      VideoBand.Order better = better(rule, head, video);
      temporal += better == VideoBand.Order.PLACE_MAJOR ? 1 : 0;
      TileLists expected = rule.band(better, video).on(grid);
      TileLists found = rule.select(head);
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        for (int keyTile = 0; keyTile < grid.tiles(); keyTile++) {
          assertThat(found.visits(queryTile, keyTile))
              .isEqualTo(expected.visits(queryTile, keyTile));
        }
      }
    }
    assertThat(temporal).isBetween(200, 600);
  }

  /** Exact rows and masked rows, token by token. */
  private static VideoBand.Order better(SampledBand rule, HeadVectors head, VideoLayout video) {
    TileGrid grid = head.grid();
    double length = grid.length().count();
    double share = Math.max(0, rule.density() - 2 * video.text().count() / length);
    int reach = (int) (length * (1 - Math.sqrt(1 - share)));
    var draw = new SplittableRandom(rule.seed());
    double spatial = 0;
    double temporal = 0;
    for (int nth = 0; nth < rule.sampledRows(); nth++) {
      int row = draw.nextInt(Math.min(rule.firstRows(), video.extents().tokens()));
      int query =
          IntStream.range(0, video.extents().tokens())
              .filter(place -> video.frameMajor(video.at(place)) == row)
              .findFirst()
              .orElseThrow();
      double[] exact = output(head, query, new int[0], 0);
      spatial +=
          squares(exact, output(head, query, tilesOf(rule, video, grid, query, reach, true), 1));
      temporal +=
          squares(exact, output(head, query, tilesOf(rule, video, grid, query, reach, false), 1));
    }
    return spatial > temporal ? VideoBand.Order.PLACE_MAJOR : VideoBand.Order.FRAME_MAJOR;
  }

  private static int[] tilesOf(
      SampledBand rule, VideoLayout video, TileGrid grid, int query, int reach, boolean spatial) {
    Extents extents = video.extents();
    int tile = grid.tile().tokens();
    var tiles = new BitSet();
    int queryTile = query / tile;
    for (int q = grid.firstToken(queryTile); q < grid.endToken(queryTile); q++) {
      for (int key = 0; key < grid.length().count(); key++) {
        boolean seen = video.isText(q) || video.isText(key);
        if (!seen) {
          var a = video.at(q);
          var b = video.at(key);
          int frame = extents.tokensOfFrame();
          int placeOfA = a.row() * extents.width() + a.column();
          int placeOfB = b.row() * extents.width() + b.column();
          int apart =
              spatial
                  ? (a.frame() - b.frame()) * frame + placeOfA - placeOfB
                  : (placeOfA - placeOfB) * extents.frames() + a.frame() - b.frame();
          seen = Math.abs(apart) <= reach || (rule.firstFrame() && b.frame() == 0);
        }
        if (seen) {
          tiles.set(key / tile);
        }
      }
    }
    return tiles.stream().toArray();
  }

  /**
   * @param masked 1 where only the given tiles are seen
   */
  private static double[] output(HeadVectors head, int query, int[] tiles, int masked) {
    int tile = head.grid().tile().tokens();
    double[] output = new double[3];
    double sum = 0;
    for (int key = 0; key < head.keys().length; key++) {
      int keyTile = key / tile;
      if (masked == 0 || Arrays.stream(tiles).anyMatch(seen -> seen == keyTile)) {
        double weight = Math.exp(product(head, query, key) / Math.sqrt(3));
        sum += weight;
        for (int d = 0; d < 3; d++) {
          output[d] += weight * head.values()[key][d];
        }
      }
    }
    for (int d = 0; d < 3; d++) {
      output[d] /= sum;
    }
    return output;
  }

  private static double squares(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(d -> (a[d] - b[d]) * (a[d] - b[d])).sum();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TileGrid language = TileGrid.causal(Tokens.of(10), TileSize.DEFAULT);
    HeadVectors head = head(language);
    assertThatThrownBy(() -> new SampledBand(0.5, 1, 1, false, 0).select(head))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The bands of svg0.5:1/1 are of a video; 10 tokens lie one after");
    assertThatThrownBy(() -> new HeadVectors(language, new float[9][1], head.keys(), head.values()))
        .hasMessageContaining("9 queries, 10 keys");
    assertThatThrownBy(() -> new RunningGaps(language, new double[2][1]))
        .hasMessageContaining("gaps of 2 query tiles");
    assertThatThrownBy(() -> new RunningGaps(language, new double[1][3]))
        .hasMessageContaining("has gaps of 3 key tiles; it sees 1");
  }
}
