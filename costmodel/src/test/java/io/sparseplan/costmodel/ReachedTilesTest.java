package io.sparseplan.costmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.TriShape;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReachedTilesTest {
  private static final List<FixedPattern> PATTERNS =
      List.of(
          new Dense(),
          new ElasticSpan(Tokens.of(3), Tokens.of(9), 0),
          new ElasticSpan(Tokens.of(20), Tokens.of(0), 0.4),
          new TriShape(Tokens.of(4), Tokens.of(8), 0, Tokens.of(5)));

  @ParameterizedTest
  @CsvSource({
    "64, 8, 16",
    "61, 8, 16",
    "61, 8, 17",
    "61, 8, 1",
    "64, 8, 7",
    "5, 8, 3",
    "61, 8, 99"
  })
  void aTileIsVisitedIfSomeQuerySeesSomeKeyOfItAndPartialIfNotAll(
      int length, int tile, int window) {
    var reach = new AttentionReach.SlidingWindow(Tokens.of(window));
    var grid = TileGrid.causal(Tokens.of(length), new TileSize(tile));
    var reached = new ReachedTiles(grid, reach);
    for (FixedPattern pattern : PATTERNS) {
      TileLists visited = reached.of(pattern);
      int[] partial = reached.blocks(visited).partial();
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        int expectedPartial = 0;
        for (int keyTile = 0; keyTile <= queryTile; keyTile++) {
          int pairs = 0;
          int visible = 0;
          for (int q = grid.firstToken(queryTile); q < grid.endToken(queryTile); q++) {
            for (int k = grid.firstToken(keyTile); k < grid.endToken(keyTile); k++) {
              pairs++;
              visible += k <= q && k > q - window ? 1 : 0;
            }
          }
          boolean named = Arrays.binarySearch(pattern.keyTiles(grid, queryTile), keyTile) >= 0;
          assertThat(visited.visits(queryTile, keyTile)).isEqualTo(named && visible > 0);
          boolean isPartial = named && visible > 0 && (keyTile == queryTile || visible < pairs);
          expectedPartial += isPartial ? 1 : 0;
        }
        assertThat(partial[queryTile]).as("query tile %d", queryTile).isEqualTo(expectedPartial);
      }
      if (pattern instanceof Dense) {
        assertThat(reached.denseTiles()).isEqualTo(visited.total());
      }
    }
  }

  @Test
  void everythingClipsNothing() {
    var grid = TileGrid.causal(Tokens.of(1000), TileSize.DEFAULT);
    var reached = new ReachedTiles(grid, new AttentionReach.Everything());
    assertThat(reached.of(new Dense()).total()).isEqualTo(36);
    assertThat(reached.denseTiles()).isEqualTo(36);
  }

  @Test
  void aUnionVisitsWhatAnyOfItsPatternsVisits() {
    var grid = TileGrid.causal(Tokens.of(61), new TileSize(8));
    for (AttentionReach reach :
        List.of(new AttentionReach.Everything(), new AttentionReach.SlidingWindow(Tokens.of(25)))) {
      var reached = new ReachedTiles(grid, reach);
      TileLists union = reached.union(PATTERNS.subList(1, 4));
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        var expected = new TreeSet<Integer>();
        for (FixedPattern pattern : PATTERNS.subList(1, 4)) {
          TileLists own = reached.of(pattern);
          for (int nth = 0; nth < own.count(queryTile); nth++) {
            expected.add(own.keyTile(queryTile, nth));
          }
        }
        assertThat(union.count(queryTile)).isEqualTo(expected.size());
        for (int keyTile : expected) {
          assertThat(union.visits(queryTile, keyTile)).isTrue();
        }
      }
    }
  }

  @Test
  void aWindowIsOfCausalLayers() {
    var grid = TileGrid.bidirectional(Tokens.of(100), TileSize.DEFAULT);
    var reached = new ReachedTiles(grid, new AttentionReach.SlidingWindow(Tokens.of(50)));
    assertThatThrownBy(() -> reached.of(new Dense()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BIDIRECTIONAL");
  }
}
