package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.LayerIndex;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tile lists against the token-by-token meaning of each pattern. */
final class PatternGeometryTest {
  private static final List<FixedPattern> PATTERNS =
      List.of(
          new Dense(),
          span(0, 0, 0),
          span(0, 1, 0),
          span(1, 16, 0),
          span(16, 17, 0),
          span(17, 0, 0.125),
          span(33, 5, 0.3),
          span(0, 0, 1),
          span(1000, 1, 0),
          span(3, 1000, 0),
          tri(0, 1, 0, 1),
          tri(16, 17, 0, 16),
          tri(1, 0, 0.125, 17),
          tri(3, 5, 0, 1000),
          new Skip(),
          strided(0, 1, 1, 0),
          strided(1, 1, 7, 3),
          strided(17, 16, 48, 0),
          strided(16, 20, 50, 49),
          strided(0, 64, 1000, 999),
          dilated(0, 0, 1),
          dilated(1, 1000, 16),
          dilated(17, 70, 33),
          dilated(0, 161, 1),
          new BandOfBlocks(1, 0),
          new BandOfBlocks(-64, 1),
          new BandOfBlocks(100, 0.125),
          new BandOfBlocks(0, 1),
          factorised(1, 0),
          factorised(7, 7),
          factorised(16, 1),
          factorised(33, 5),
          factorised(1000, 1000),
          grid(1, 0, 1),
          grid(17, 16, 1),
          grid(48, 5, 16),
          grid(1000, 999, 3),
          cells(List.of(), span(0, 1, 0), new Skip(), new Skip(), new Dense()),
          cells(List.of(0, 16, 33), span(1, 16, 0), new Skip(), new Dense(), grid(7, 3, 1)),
          cells(List.of(5, 90), new Dense(), strided(1, 1, 7, 3), new Skip(), span(0, 5, 0)),
          frozen(List.of(), List.of()),
          frozen(List.of(0, 1, 16, 47, 1000), List.of()),
          frozen(List.of(), List.of(1)),
          frozen(List.of(), List.of(0, 15, 16, 17, 33, 160, 161, 5000)),
          frozen(List.of(5, 99), List.of(3, 64)));

  private static ElasticSpan span(int sink, int alpha, double beta) {
    return new ElasticSpan(Tokens.of(sink), Tokens.of(alpha), beta);
  }

  private static TriShape tri(int sink, int alpha, double beta, int last) {
    return new TriShape(Tokens.of(sink), Tokens.of(alpha), beta, Tokens.of(last));
  }

  private static Strided strided(int local, int column, int stride, int offset) {
    return new Strided(Tokens.of(local), Tokens.of(column), Tokens.of(stride), Tokens.of(offset));
  }

  private static DilatedWindow dilated(int sink, int window, int dilation) {
    return new DilatedWindow(Tokens.of(sink), Tokens.of(window), Tokens.of(dilation));
  }

  private static Grid grid(int stride, int phase, int width) {
    return new Grid(Tokens.of(stride), Tokens.of(phase), Tokens.of(width));
  }

  private static ModalityCells cells(
      List<Integer> boundaries, Pattern tt, Pattern tv, Pattern vt, Pattern vv) {
    return new ModalityCells(boundaries.stream().map(Tokens::of).toList(), tt, tv, vt, vv);
  }

  private static FixedFactorised factorised(int span, int summary) {
    return new FixedFactorised(Tokens.of(span), Tokens.of(summary));
  }

  private static FrozenVerticalSlash frozen(List<Integer> columns, List<Integer> distances) {
    return new FrozenVerticalSlash(
        columns.stream().map(Tokens::of).toList(), distances.stream().map(Tokens::of).toList());
  }

  static Stream<Arguments> awkwardGrids() {
    var grids = new ArrayList<Arguments>();
    for (int length : new int[] {1, 2, 15, 16, 17, 31, 48, 100, 161}) {
      for (int tile : new int[] {1, 3, 16, 64}) {
        for (Visibility visibility : Visibility.values()) {
          for (FixedPattern pattern : PATTERNS) {
            grids.add(
                Arguments.of(
                    pattern, new TileGrid(Tokens.of(length), new TileSize(tile), visibility)));
          }
        }
      }
    }
    return grids.stream();
  }

  @ParameterizedTest
  @MethodSource("awkwardGrids")
  void visitedTilesHoldExactlyTheKeysThatTheMaskShows(FixedPattern pattern, TileGrid grid) {
    TileLists lists = pattern.on(grid);
    var mask = new TokenMask(pattern, grid);
    for (int query = 0; query < grid.length().count(); query++) {
      int queryTile = query / grid.tile().tokens();
      var fromTiles = new BitSet();
      for (int nth = 0; nth < lists.count(queryTile); nth++) {
        int keyTile = lists.keyTile(queryTile, nth);
        fromTiles.set(grid.firstToken(keyTile), grid.endToken(keyTile));
      }
      if (grid.visibility() == Visibility.CAUSAL) {
        fromTiles.clear(query + 1, grid.length().count() + 1);
      }
      if (!fromTiles.equals(mask.visibleKeys(query))) {
        assertThat(fromTiles)
            .as("keys of query %d, %s on %s", query, pattern, grid)
            .isEqualTo(mask.visibleKeys(query));
      }
      if (fromTiles.get(query) == pattern instanceof Skip) {
        fail("Query %d of %s sees itself: %s", query, pattern, fromTiles.get(query));
      }
    }
  }

  @Test
  void densityIsVisitedTilesOverDenseTiles() {
    TileGrid grid = TileGrid.causal(Tokens.of(1024), new TileSize(128));
    assertThat(new Dense().on(grid).density()).isEqualTo(1);
    assertThat(span(128, 256, 0).on(grid).total()).isEqualTo(1 + 2 + 6 * 3);
    assertThat(span(128, 256, 0).on(grid).density()).isEqualTo(21.0 / 36);
  }

  @Test
  void anElasticWindowGrowsWithTheLength() {
    ElasticSpan quarter = span(0, 128, 0.25);
    assertThat(quarter.windowTokens(Tokens.of(1024))).isEqualTo(384);
    assertThat(quarter.windowTokens(Tokens.of(4096))).isEqualTo(1152);
  }

  @Test
  void theLastQueriesOfATriShapeSeeEverything() {
    TileGrid grid = TileGrid.causal(Tokens.of(1024), new TileSize(128));
    assertThat(tri(128, 256, 0, 129).on(grid).total()).isEqualTo(1 + 2 + 4 * 3 + 7 + 8);
    assertThat(tri(128, 256, 0, 128).label()).isEqualTo("s128+w256+q128");
    assertThatThrownBy(() -> tri(128, 256, 0, 0)).hasMessageContaining("lastTokens (0)");
    assertThatThrownBy(() -> tri(128, 256, 2, 1)).hasMessageContaining("beta (2.0)");
  }

  @Test
  void labelsTellPatternsApart() {
    assertThat(PATTERNS.stream().map(FixedPattern::label)).doesNotHaveDuplicates();
    assertThat(span(128, 256, 0).label()).isEqualTo("s128+w256");
    assertThat(span(128, 256, 0.0625).label()).isEqualTo("s128+w256+0.0625N");
    assertThat(span(128, 0, 0.5).label()).isEqualTo("s128+w0.5N");
  }

  /** ⌊⌊−1024 ÷ 64⌋ + 0.875·N ÷ 64⌋ blocks: 12 at 2,048; 26.76 at 3,128, rounded down. */
  @Test
  void aBandOfBlocksIsRoundedAsInMoA() {
    var rule = new BandOfBlocks(-1024, 0.875);
    assertThat(rule.bandBlocks(blocks(2048))).isEqualTo(12);
    assertThat(rule.bandBlocks(blocks(3128))).isEqualTo(26);
    assertThat(rule.bandBlocks(blocks(512))).as("never less than the own block").isEqualTo(1);
    assertThat(new BandOfBlocks(8192, 0).bandBlocks(blocks(2048))).as("clipped").isEqualTo(32);
    assertThat(new BandOfBlocks(-1, 0.5).bandBlocks(blocks(256)))
        .as("⌊−1 ÷ 64⌋ is −1")
        .isEqualTo(1);
    assertThat(new BandOfBlocks(0, 0.125).on(blocks(1024)).total())
        .as("two blocks of band and the first")
        .isEqualTo(1 + 2 + 14 * 3);
    assertThat(new BandOfBlocks(0, 1).on(blocks(1000)).density()).isEqualTo(1);
    assertThat(rule.label()).isEqualTo("moa-1024+0.875N");
    assertThatThrownBy(() -> new BandOfBlocks(-64, 0)).hasMessageContaining("no length");
  }

  private static TileGrid blocks(int length) {
    return TileGrid.causal(Tokens.of(length), new TileSize(64));
  }

  @Test
  void aBetaOutsideOfZeroToOneIsRefused() {
    assertThatThrownBy(() -> span(0, 0, Double.NaN)).hasMessageContaining("beta (NaN)");
    assertThatThrownBy(() -> span(0, 0, 1.5)).hasMessageContaining("beta (1.5)");
  }

  @Test
  void aThousandRandomGeometriesOfEveryFamilyAgreeWithTheMask() {
    var random = new SplittableRandom(11);
    for (int geometry = 0; geometry < 1000; geometry++) {
      var grid =
          new TileGrid(
              Tokens.of(random.nextInt(1, geometry % 10 == 0 ? 400 : 60)),
              new TileSize(random.nextInt(1, geometry % 10 == 0 ? 150 : 30)),
              Visibility.values()[random.nextInt(2)]);
      int stride = random.nextInt(1, 60);
      for (FixedPattern pattern :
          List.of(
              span(random.nextInt(100), random.nextInt(100), random.nextDouble()),
              tri(random.nextInt(100), random.nextInt(100), 0, random.nextInt(1, 100)),
              strided(
                  random.nextInt(100),
                  random.nextInt(1, stride + 1),
                  stride,
                  random.nextInt(stride)),
              dilated(random.nextInt(100), random.nextInt(200), random.nextInt(1, 70)),
              new BandOfBlocks(random.nextInt(-300, 300), random.nextDouble(0.01, 1)),
              factorised(stride, random.nextInt(stride + 1)),
              grid(stride, random.nextInt(stride), random.nextInt(1, stride + 1)),
              cells(
                  ascending(random),
                  span(random.nextInt(40), random.nextInt(60), 0),
                  strided(0, 1, stride, random.nextInt(stride)),
                  random.nextBoolean() ? new Skip() : frozen(ascending(random), ascending(random)),
                  grid(stride, random.nextInt(stride), 1)),
              frozen(ascending(random), ascending(random)))) {
        visitedTilesHoldExactlyTheKeysThatTheMaskShows(pattern, grid);
      }
    }
  }

  private static List<Integer> ascending(SplittableRandom random) {
    return random.ints(random.nextInt(4), 0, 120).sorted().distinct().boxed().toList();
  }

  /** Frames of four tiles: the same quarter of every frame, and the column of token 20 in each. */
  @Test
  void aGridSeesTheSamePlaceOfOtherFrames() {
    TileGrid blocks = TileGrid.causal(Tokens.of(256), new TileSize(16));
    assertThat(grid(64, 20, 1).keyTiles(blocks, 14)).containsExactly(1, 2, 5, 6, 9, 10, 13, 14);
  }

  /** 32 tokens of text, 48 of vision, 16 of text, in tiles of 16. */
  @Test
  void modalitiesSeeEachOtherByTheirCells() {
    TileGrid blocks = TileGrid.causal(Tokens.of(96), new TileSize(16));
    ModalityCells cells =
        cells(List.of(32, 80), new Dense(), span(0, 17, 0), new Skip(), span(0, 1, 0));
    assertThat(cells.keyTiles(blocks, 1)).containsExactly(0, 1);
    assertThat(cells.keyTiles(blocks, 3)).containsExactly(3);
    assertThat(cells.keyTiles(blocks, 5))
        .as("text, and the near vision")
        .containsExactly(0, 1, 4, 5);
  }

  @Test
  void parametersThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> strided(1, 0, 4, 0)).hasMessageContaining("columnTokens (0)");
    assertThatThrownBy(() -> strided(1, 5, 4, 0)).hasMessageContaining("1..strideTokens (4)");
    assertThatThrownBy(() -> strided(1, 1, 4, 4)).hasMessageContaining("offsetTokens (4)");
    assertThatThrownBy(() -> grid(4, 4, 1)).hasMessageContaining("phaseTokens (4)");
    assertThatThrownBy(() -> grid(4, 0, 5)).hasMessageContaining("widthTokens (5)");
    var dense = new Dense();
    assertThatThrownBy(() -> cells(List.of(3, 3), dense, dense, dense, dense))
        .hasMessageContaining("boundaryTokens must ascend; 3 follows 3");
    assertThatThrownBy(() -> cells(List.of(3), new Skip(), dense, dense, dense))
        .hasMessageContaining("textOfText (skip)");
    assertThatThrownBy(() -> cells(List.of(3), dense, dense, new VerticalSlash(1, 1), dense))
        .hasMessageContaining("The pattern v1+d1 of a pair of modalities must be fixed");
    assertThatThrownBy(
            () ->
                cells(
                    List.of(3), dense, cells(List.of(), dense, dense, dense, dense), dense, dense))
        .hasMessageContaining("simple");
    assertThatThrownBy(() -> new HashBuckets(31, Tokens.of(1), Tokens.of(0), Tokens.of(0), 0))
        .hasMessageContaining("projections (31)");
    assertThatThrownBy(() -> new HashBuckets(7, Tokens.of(0), Tokens.of(0), Tokens.of(0), 0))
        .hasMessageContaining("bucketTokens (0)");
    assertThatThrownBy(() -> new TokensOfLayer(new LayerIndex(2), Tokens.of(0)))
        .hasMessageContaining("budgetTokens (0)");
    assertThatThrownBy(() -> dilated(0, 1, 0)).hasMessageContaining("dilationTokens (0)");
    assertThatThrownBy(() -> frozen(List.of(3, 3), List.of())).hasMessageContaining("columnTokens");
    assertThatThrownBy(() -> frozen(List.of(), List.of(2, 1)))
        .hasMessageContaining("distanceTokens must ascend; 1 follows 2");
  }

  @Test
  void tileListsRefuseKeysThatAreNotVisibleOrNotAscending() {
    TileGrid grid = TileGrid.causal(Tokens.of(4), new TileSize(1));
    assertThatThrownBy(() -> TileLists.of(grid, tile -> new int[] {3}))
        .hasMessageContaining("must ascend within 0..0");
    assertThatThrownBy(() -> TileLists.of(grid, tile -> new int[] {0, 0}))
        .hasMessageContaining("must ascend");
  }
}
