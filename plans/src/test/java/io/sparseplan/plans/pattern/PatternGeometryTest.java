package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tile lists against the token-by-token meaning of each pattern. */
final class PatternGeometryTest {
  private static final List<Pattern> PATTERNS =
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
          tri(3, 5, 0, 1000));

  private static ElasticSpan span(int sink, int alpha, double beta) {
    return new ElasticSpan(Tokens.of(sink), Tokens.of(alpha), beta);
  }

  private static TriShape tri(int sink, int alpha, double beta, int last) {
    return new TriShape(Tokens.of(sink), Tokens.of(alpha), beta, Tokens.of(last));
  }

  static Stream<Arguments> awkwardGrids() {
    var grids = new ArrayList<Arguments>();
    for (int length : new int[] {1, 2, 15, 16, 17, 31, 48, 100, 161}) {
      for (int tile : new int[] {1, 3, 16, 64}) {
        for (Visibility visibility : Visibility.values()) {
          for (Pattern pattern : PATTERNS) {
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
  void visitedTilesHoldExactlyTheKeysThatTheMaskShows(Pattern pattern, TileGrid grid) {
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
      assertThat(fromTiles).as("keys of query %d", query).isEqualTo(mask.visibleKeys(query));
      assertThat(fromTiles.get(query)).as("query %d sees itself", query).isTrue();
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
    assertThat(PATTERNS.stream().map(Pattern::label)).doesNotHaveDuplicates();
    assertThat(span(128, 256, 0).label()).isEqualTo("s128+w256");
    assertThat(span(128, 256, 0.0625).label()).isEqualTo("s128+w256+0.0625N");
    assertThat(span(128, 0, 0.5).label()).isEqualTo("s128+w0.5N");
  }

  @Test
  void aBetaOutsideOfZeroToOneIsRefused() {
    assertThatThrownBy(() -> span(0, 0, Double.NaN)).hasMessageContaining("beta (NaN)");
    assertThatThrownBy(() -> span(0, 0, 1.5)).hasMessageContaining("beta (1.5)");
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
