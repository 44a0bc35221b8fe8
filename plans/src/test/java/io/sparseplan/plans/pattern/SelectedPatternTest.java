package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules that pick tiles by scores, by hand and against the slow way to say the same. */
final class SelectedPatternTest {
  private static TileGrid grid(int length, int tile) {
    return TileGrid.causal(Tokens.of(length), new TileSize(tile));
  }

  private static int[] row(TileLists lists, int queryTile) {
    return IntStream.range(0, lists.count(queryTile))
        .map(nth -> lists.keyTile(queryTile, nth))
        .toArray();
  }

  @Test
  void columnsAndDiagonalsCrossTheTilesThatAHandDrawsThem() {
    // 8 tiles of 100: column 250 is in tile 2; distance 130 takes rows 500..599 to keys 370..469.
    var columns = new float[800];
    columns[250] = 5;
    var diagonals = new float[800];
    diagonals[130] = 7;
    var scores = new LineScores(grid(800, 100), columns, diagonals);
    TileLists lists = new VerticalSlash(31, 101).select(scores);
    // The first 30 columns are in tile 0; the nearest 100 diagonals reach the tile before.
    assertThat(row(lists, 5)).containsExactly(0, 2, 3, 4, 5);
    assertThat(row(lists, 7)).containsExactly(0, 2, 5, 6, 7);
    assertThat(row(lists, 1)).containsExactly(0, 1);
    assertThat(row(lists, 0)).containsExactly(0);
  }

  @Test
  void smallBudgetsAreRaisedToThirtyColumnsAndFiftyDiagonals() {
    var columns = new float[800];
    columns[250] = 5;
    var diagonals = new float[800];
    diagonals[500] = 7;
    var scores = new LineScores(grid(800, 10), columns, diagonals);
    TileLists lists = new VerticalSlash(1, 1).select(scores);
    // 30 columns are tiles 0..2; distances 0..49 from rows 600..609 are keys 551..609.
    assertThat(row(lists, 60)).containsExactly(0, 1, 2, 55, 56, 57, 58, 59, 60);
  }

  @Test
  void verticalSlashPicksTheLargestSumsAfterThoseThatAreGiven() {
    var random = new SplittableRandom(3);
    for (int length : new int[] {1, 29, 100, 101, 333}) {
      float[] columns = random(random, length);
      float[] diagonals = random(random, length);
      var scores = new LineScores(grid(length, 16), columns, diagonals);
      for (int budget : new int[] {1, 40, 120, 5000}) {
        List<Integer> keptColumns = largest(columns, Math.max(budget, 30), 30);
        List<Integer> keptDiagonals = largest(diagonals, Math.max(budget, 50), 100);
        TileLists lists = new VerticalSlash(budget, budget).select(scores);
        for (int query = 0; query < length; query++) {
          var tiles = new BitSet();
          tiles.set(query / 16);
          int first = query / 16 * 16;
          int last = Math.min(first + 16, length) - 1;
          for (int key = 0; key <= last; key++) {
            for (int row = first; row <= last; row++) {
              if (keptColumns.contains(key) || keptDiagonals.contains(row - key)) {
                tiles.set(key / 16);
              }
            }
          }
          assertThat(row(lists, query / 16)).isEqualTo(tiles.stream().toArray());
        }
      }
    }
  }

  private static List<Integer> largest(float[] scores, int count, int given) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(
                    at -> at < given ? Double.NEGATIVE_INFINITY : -scores[at])
                .thenComparingInt(at -> at))
        .limit(count)
        .toList();
  }

  private static float[] random(SplittableRandom random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      // Of few values, so that there are equals.
      values[i] = random.nextInt(50);
    }
    return values;
  }

  private static PooledScores pooled(TileGrid grid, float[]... rows) {
    return new PooledScores(grid, rows);
  }

  private static final float[][] ROWS = {
    {1}, {0.5f, 0.5f}, {0.1f, 0.6f, 0.3f}, {0.05f, 0.1f, 0.8f, 0.05f}, {0, 0.2f, 0.2f, 0.6f, 0}
  };

  @Test
  void topKKeepsTheFirstTileTheOwnTileAndTheHeaviest() {
    PooledScores scores = pooled(grid(45, 10), ROWS);
    TileLists two = new BlockTopK(Tokens.of(1), 0).select(scores);
    assertThat(row(two, 4)).as("its own and the first, whatever the budget").containsExactly(0, 4);
    assertThat(row(two, 0)).containsExactly(0);
    TileLists three = new BlockTopK(Tokens.of(21), 0).select(scores);
    assertThat(row(three, 2)).containsExactly(0, 1, 2);
    assertThat(row(three, 3)).containsExactly(0, 2, 3);
    assertThat(row(three, 4)).containsExactly(0, 3, 4);
    TileLists four = new BlockTopK(Tokens.of(10), 0.5).select(scores);
    assertThat(row(four, 4))
        .as("of equals the one nearer to the start")
        .containsExactly(0, 1, 3, 4);
    assertThat(new BlockTopK(Tokens.of(0), 1).select(scores).total()).isEqualTo(15);
  }

  @Test
  void topPStopsAtItsCoverageOrAtItsCap() {
    PooledScores scores = pooled(grid(45, 10), ROWS);
    TileLists most = new BlockTopP(0.85, Tokens.of(0), 1).select(scores);
    assertThat(row(most, 3)).containsExactly(0, 2, 3);
    assertThat(row(most, 4)).as("0.6, 0.8, then 1.0").containsExactly(0, 1, 2, 3, 4);
    TileLists capped = new BlockTopP(0.85, Tokens.of(40), 0).select(scores);
    assertThat(row(capped, 4)).containsExactly(0, 1, 3, 4);
    assertThat(row(new BlockTopP(0, Tokens.of(0), 1).select(scores), 4)).containsExactly(0, 4);
    assertThat(new BlockTopP(1, Tokens.of(0), 1).select(scores).total()).isEqualTo(15);
  }

  /** XAttention's code: first and own ahead, then by falling share, while less than τ is before. */
  @Test
  void antidiagonalsAreTakenWhileWhatIsBeforeThemIsLessThanTheShare() {
    var random = new SplittableRandom(4);
    for (int prompt = 0; prompt < 1000; prompt++) {
      TileGrid grid = grid(random.nextInt(1, 90), 10);
      float[][] rows = new float[grid.tiles()][];
      for (int tile = 0; tile < rows.length; tile++) {
        float[] weights = random(random, tile + 1);
        float sum = 0;
        for (float weight : weights) {
          sum += weight + 1;
        }
        rows[tile] = new float[tile + 1];
        for (int key = 0; key <= tile; key++) {
          rows[tile][key] = (weights[key] + 1) / sum;
        }
      }
      double coverage = random.nextDouble();
      TileLists lists = new AntidiagonalTopP(8, coverage).select(new PooledScores(grid, rows));
      for (int tile = 0; tile < rows.length; tile++) {
        float[] row = rows[tile];
        int own = tile;
        List<Integer> order =
            IntStream.rangeClosed(0, tile)
                .boxed()
                .sorted(
                    Comparator.<Integer>comparingDouble(
                            key -> key == 0 || key == own ? -2 : -row[key])
                        .thenComparingInt(key -> key))
                .toList();
        var kept = new BitSet();
        double before = 0;
        for (int key : order) {
          if (key == 0 || key == own || before < coverage) {
            kept.set(key);
          }
          before += row[key];
        }
        assertThat(row(lists, tile)).isEqualTo(kept.stream().toArray());
      }
    }
  }

  /**
   * SpargeAttn's code: what is not alike is kept; of the rest as many as have at most the share.
   */
  @Test
  void tilesThatAreNotAlikeAreNeverSkipped() {
    TileGrid grid = grid(45, 10);
    double[][] logits = {{0}, {0, 0}, {0, 0, 0}, {0, 0, 0, 0}, {1, 5, 3, 4, -9}};
    double[] alike = {1, 1, 1, 1, 1};
    var even = new SimilarityScores(grid, logits, alike, alike);
    // Softmax of the last row: 0.012, 0.657, 0.089, 0.242, 0.
    assertThat(row(new SimilarityTopP(0.5, 0.5, 0, 20).select(even), 4))
        .as("at least one, and its own")
        .containsExactly(1, 4);
    assertThat(row(new SimilarityTopP(0.9, 0.5, 0, 20).select(even), 4)).containsExactly(1, 3, 4);
    assertThat(row(new SimilarityTopP(0.99, 0.5, 0, 20).select(even), 4))
        .containsExactly(1, 2, 3, 4);
    assertThat(row(new SimilarityTopP(1, 0.5, 0, 20).select(even), 3)).containsExactly(0, 1, 2, 3);
    double[] second = {1, 0.5, 1, 1, 1};
    // Without the second: 0.036, –, 0.259, 0.705, 0.
    assertThat(
            row(
                new SimilarityTopP(0.8, 0.5, 0, 20)
                    .select(new SimilarityScores(grid, logits, alike, second)),
                4))
        .containsExactly(1, 3, 4);
    assertThat(
            row(
                new SimilarityTopP(0, 0.5, 0, 20)
                    .select(new SimilarityScores(grid, logits, second, alike)),
                1))
        .as("queries that are not alike visit all")
        .containsExactly(0, 1);
    double[][] hidden = logits.clone();
    hidden[4] = new double[] {Double.NEGATIVE_INFINITY, 5, 3, 4, -9};
    assertThat(
            row(
                new SimilarityTopP(1, 1, 0, 20)
                    .select(new SimilarityScores(grid, hidden, alike, alike)),
                4))
        .as("beyond the reach")
        .containsExactly(1, 2, 3, 4);
    assertThatThrownBy(() -> new SimilarityScores(grid, logits, alike, new double[4]))
        .hasMessageContaining("likenesses of 5 and 4; the grid has 5");
  }

  @Test
  void tilesWithoutAnyWeightAreNeverPicked() {
    PooledScores scores =
        pooled(grid(30, 10), new float[] {1}, new float[] {0, 1}, new float[] {0, 0, 1});
    assertThat(row(new BlockTopK(Tokens.of(0), 1).select(scores), 2)).containsExactly(0, 2);
    assertThat(row(new BlockTopP(1, Tokens.of(0), 1).select(scores), 2)).containsExactly(0, 2);
  }

  @Test
  void scoresOfAnotherShapeAreRefused() {
    assertThatThrownBy(() -> new LineScores(grid(5, 2), new float[5], new float[4]))
        .hasMessageContaining("5 columns and 4 diagonals; the grid has 5");
    assertThatThrownBy(() -> pooled(grid(5, 2), new float[1], new float[2]))
        .hasMessageContaining("2 query tiles; the grid has 3");
    assertThatThrownBy(() -> pooled(grid(3, 2), new float[1], new float[1]))
        .hasMessageContaining("1 key tiles; it sees 2");
  }

  @Test
  void budgetsThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> new VerticalSlash(0, 1)).hasMessageContaining("columns (0)");
    assertThatThrownBy(() -> new VerticalSlash(1, -1)).hasMessageContaining("diagonals (-1)");
    assertThatThrownBy(() -> new BlockTopK(Tokens.of(1), 1.5)).hasMessageContaining("beta (1.5)");
    assertThatThrownBy(() -> new BlockTopP(Double.NaN, Tokens.of(1), 0))
        .hasMessageContaining("coverage (NaN)");
  }

  @Test
  void labelsSayTheBudget() {
    assertThat(
            Arrays.asList(
                    new VerticalSlash(1000, 6096),
                    new BlockTopK(Tokens.of(512), 0),
                    new BlockTopK(Tokens.of(0), 0.125),
                    new BlockTopP(0.9, Tokens.of(0), 1),
                    new BlockTopP(0.95, Tokens.of(256), 0.25))
                .stream()
                .map(SelectedPattern::label))
        .containsExactly("v1000+d6096", "k512", "k0.125N", "p0.9", "p0.95:256+0.25N");
  }
}
