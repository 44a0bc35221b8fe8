package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which chunks of a video are kept, against the peer's rule written out pair by pair. */
final class VideoChunkTest {
  private static Extents extents(SplittableRandom random, int end) {
    return new Extents(random.nextInt(1, end), random.nextInt(1, end), random.nextInt(1, end));
  }

  /** A video with scores that nobody computed. */
  private record Case(TileGrid grid, Extents chunk, ChunkScores scores) {
    static Case of(SplittableRandom random) {
      Extents extents = extents(random, 6);
      Extents block = extents.atMost(extents(random, 5));
      var video = new VideoLayout(extents, Tokens.of(random.nextInt(2) * random.nextInt(9)), block);
      TileGrid grid = TileGrid.of(video, new TileSize(random.nextInt(1, 20)));
      Extents chunk = extents(random, 6);
      var chunks = new VideoChunks(grid, chunk);
      double[][] rows = new double[grid.tiles()][];
      Arrays.setAll(rows, tile -> random.doubles(chunks.count(), -3, 3).map(Math::rint).toArray());
      return new Case(grid, chunk, new ChunkScores(chunks, rows));
    }

    VideoLayout video() {
      return grid.video().orElseThrow();
    }

    /** The number of a token's chunk, frame by frame and row by row. */
    int chunkOf(int token) {
      Extents extents = video().extents();
      VideoPlace place = video().at(token);
      int rows = (extents.height() + chunk.height() - 1) / chunk.height();
      int columns = (extents.width() + chunk.width() - 1) / chunk.width();
      return place.frame() / chunk.frames() * rows * columns
          + place.row() / chunk.height() * columns
          + place.column() / chunk.width();
    }

    Set<Integer> own(int tile) {
      var own = new TreeSet<Integer>();
      for (int token = grid.firstToken(tile); token < grid.endToken(tile); token++) {
        if (!video().isText(token)) {
          own.add(chunkOf(token));
        }
      }
      return own;
    }

    boolean hasText(int tile) {
      return video().isText(grid.endToken(tile) - 1);
    }

    List<Integer> withoutText() {
      return IntStream.range(0, grid.tiles()).filter(tile -> !hasText(tile)).boxed().toList();
    }

    void assertTiles(String name, TileLists lists, List<Set<Integer>> kept) {
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        for (int keyTile = 0; keyTile < grid.tiles(); keyTile++) {
          boolean seen =
              hasText(queryTile)
                  || hasText(keyTile)
                  || own(keyTile).stream().anyMatch(kept.get(queryTile)::contains);
          if (lists.visits(queryTile, keyTile) != seen) {
            fail("%s of %s on %s, tiles %d and %d", name, chunk, grid, queryTile, keyTile);
          }
        }
      }
    }
  }

  private record Pair(int tile, int chunk) {}

  private static List<Set<Integer>> owns(Case given) {
    var kept = new ArrayList<Set<Integer>>();
    for (int tile = 0; tile < given.grid.tiles(); tile++) {
      kept.add(given.own(tile));
    }
    return kept;
  }

  /** Pairs that are not kept, best first; of equals the lower tile, then the lower chunk. */
  private static List<Pair> others(Case given, List<Integer> tiles, List<Set<Integer>> kept) {
    var pairs = new ArrayList<Pair>();
    for (int tile : tiles) {
      for (int chunk = 0; chunk < given.scores.chunks().count(); chunk++) {
        if (!kept.get(tile).contains(chunk)) {
          pairs.add(new Pair(tile, chunk));
        }
      }
    }
    pairs.sort(
        Comparator.<Pair>comparingDouble(pair -> -given.scores.rows()[pair.tile][pair.chunk])
            .thenComparingInt(Pair::tile)
            .thenComparingInt(Pair::chunk));
    return pairs;
  }

  private static List<List<Integer>> competing(Case given, ChosenAmong among) {
    return switch (among) {
      case QUERY -> given.withoutText().stream().map(List::of).toList();
      case HEAD -> List.of(given.withoutText());
    };
  }

  @ParameterizedTest
  @EnumSource
  void aThousandRandomVideosKeepAsManyOfTheBestChunks(ChosenAmong among) {
    var random = new SplittableRandom(among.ordinal());
    for (int video = 0; video < 1000; video++) {
      Case given = Case.of(random);
      int chunks = random.nextInt(1, 9);
      List<Set<Integer>> kept = owns(given);
      for (List<Integer> tiles : competing(given, among)) {
        int left = chunks * tiles.size() - tiles.stream().mapToInt(t -> kept.get(t).size()).sum();
        for (Pair pair : others(given, tiles, kept)) {
          if (left-- > 0) {
            kept.get(pair.tile).add(pair.chunk);
          }
        }
      }
      given.assertTiles(
          "top " + chunks,
          new VideoChunkTopK(given.chunk, chunks, among).select(given.scores),
          kept);
    }
  }

  /** Steps of FastVideo's code: map to 0..1, what is missing beside the own, the first index. */
  @ParameterizedTest
  @EnumSource
  void aThousandRandomVideosKeepTheFewestChunksThatReachTheShare(ChosenAmong among) {
    var random = new SplittableRandom(10 + among.ordinal());
    for (int video = 0; video < 1000; video++) {
      Case given = Case.of(random);
      double coverage = random.nextInt(5) == 0 ? random.nextInt(2) : random.nextDouble();
      List<Set<Integer>> kept = owns(given);
      for (List<Integer> tiles : competing(given, among)) {
        keep(given, tiles, kept, coverage);
      }
      given.assertTiles(
          "share " + coverage,
          new VideoChunkTopP(given.chunk, coverage, among).select(given.scores),
          kept);
    }
  }

  private static void keep(
      Case given, List<Integer> tiles, List<Set<Integer>> kept, double threshold) {
    double[][] gate = given.scores.rows();
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int tile : tiles) {
      min = Math.min(min, Arrays.stream(gate[tile]).min().orElseThrow());
      max = Math.max(max, Arrays.stream(gate[tile]).max().orElseThrow());
    }
    double denominator = max - min <= 1e-6 ? 1 : max - min;
    double self = 0;
    double total = 0;
    for (int tile : tiles) {
      for (int chunk = 0; chunk < gate[tile].length; chunk++) {
        double norm = (gate[tile][chunk] - min) / denominator;
        total += norm;
        self += kept.get(tile).contains(chunk) ? norm : 0;
      }
    }
    double remain = Math.max(0, threshold - self / (total + 1e-6));
    List<Pair> sorted = others(given, tiles, kept);
    double sum = 0;
    for (Pair pair : sorted) {
      kept.get(pair.tile).add(pair.chunk);
      sum += (gate[pair.tile][pair.chunk] - min) / denominator;
      if (sum / (total + 1e-6) >= remain) {
        return;
      }
    }
  }

  @Test
  void chunksAreThoseOfVmobasThreeKinds() {
    // 4 × 6 × 4 tokens; chunks of 2 frames, of 3 × 4 places, of 2 × 3 × 2.
    var video = new VideoLayout(new Extents(4, 6, 4), Tokens.of(0), new Extents(1, 1, 4));
    TileGrid grid = TileGrid.of(video, new TileSize(4));
    assertThat(new VideoChunks(grid, new Extents(2, 6, 4)).count()).isEqualTo(2);
    assertThat(new VideoChunks(grid, new Extents(4, 3, 4)).count()).isEqualTo(2);
    assertThat(new VideoChunks(grid, new Extents(2, 3, 2)).count()).isEqualTo(8);
    // Tile 3 is row 3 of frame 0: the lower half of it in all frames.
    assertThat(new VideoChunks(grid, new Extents(4, 3, 4)).ofTile(3).stream()).containsExactly(1);
    assertThat(new VideoChunks(grid, new Extents(2, 3, 2)).ofTile(3).stream())
        .containsExactly(2, 3);
    assertThat(new VideoChunks(grid, new Extents(100, 100, 100)).count()).isEqualTo(1);
  }

  @Test
  void parametersThatMeanNothingAreRefused() {
    var chunk = new Extents(1, 2, 3);
    assertThatThrownBy(() -> new VideoChunkTopK(chunk, 0, ChosenAmong.QUERY))
        .hasMessageContaining("chunks (0)");
    assertThatThrownBy(() -> new VideoChunkTopP(chunk, 1.5, ChosenAmong.QUERY))
        .hasMessageContaining("coverage (1.5)");
    TileGrid language = TileGrid.causal(Tokens.of(100), TileSize.DEFAULT);
    assertThatThrownBy(() -> new VideoChunks(language, chunk))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Chunks of 1x2x3 are of a video; 100 tokens lie one after");
    var large = new VideoLayout(new Extents(64, 64, 64), Tokens.of(0), new Extents(1, 64, 64));
    TileGrid many = TileGrid.of(large, TileSize.DEFAULT);
    assertThatThrownBy(() -> new VideoChunks(many, new Extents(1, 1, 1)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("262144")
        .hasMessageContaining("take larger chunks");
    assertThatThrownBy(() -> new SampledBand(0, 1, 1, false, 0))
        .hasMessageContaining("density (0.0)");
    assertThatThrownBy(() -> new SampledBand(0.5, 0, 1, false, 0))
        .hasMessageContaining("sampledRows (0)");
    assertThatThrownBy(() -> new ClusterTopP(0, 1, 0.5, 0, new ClusterTopP.Rounds(1, 1, false), 0))
        .hasMessageContaining("queryClusters (0)");
    assertThatThrownBy(() -> new ClusterTopP.Rounds(-1, 1, false)).hasMessageContaining("(-1");
  }
}
