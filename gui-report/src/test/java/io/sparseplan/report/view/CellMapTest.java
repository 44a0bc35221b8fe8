package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.TokenMask;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CellMapTest {
  private static final TileSize TILE = new TileSize(4);

  @ParameterizedTest
  @CsvSource({
    "1, 1, CAUSAL",
    "64, 16, CAUSAL",
    "63, 16, BIDIRECTIONAL",
    "68, 16, CAUSAL",
    "68, 9, CAUSAL",
    "130, 16, BIDIRECTIONAL",
    "130, 11, CAUSAL",
    "5, 2, CAUSAL"
  })
  void aMaskCellCountsTheTilesInItThatThePatternVisits(
      int length, int bandCount, Visibility visibility) {
    var grid = new TileGrid(Tokens.of(length), TILE, visibility);
    var bands = new Bands(grid, bandCount);
    var span = new ElasticSpan(Tokens.of(6), Tokens.of(4), 0.25);

    String digits = CellMap.ofTiles(bands, span.on(grid)).digits();

    var mask = new TokenMask(span, grid);
    int at = 0;
    for (int query = 0; query < bandCount; query++) {
      int keys = visibility == Visibility.CAUSAL ? query : bandCount - 1;
      for (int key = 0; key <= keys; key++, at++) {
        assertThat(Character.digit(digits.charAt(at), 16))
            .as("cell %d, %d", query, key)
            .isEqualTo(level(bands, mask, query, key));
      }
    }
    assertThat(digits).hasSize(at);
  }

  /** Token by token from the definition: a tile is visited where any of its tokens is seen. */
  private static int level(Bands bands, TokenMask mask, int queryBand, int keyBand) {
    TileGrid grid = bands.grid();
    int visible = 0;
    int visited = 0;
    for (int query = bands.firstTile(queryBand); query < bands.firstTile(queryBand + 1); query++) {
      var seen = mask.visibleKeys(grid.endToken(query) - 1);
      for (int key = bands.firstTile(keyBand); key < bands.firstTile(keyBand + 1); key++) {
        if (key <= grid.lastVisibleKeyTile(query)) {
          visible++;
          int next = seen.nextSetBit(grid.firstToken(key));
          visited += next >= 0 && next < grid.endToken(key) ? 1 : 0;
        }
      }
    }
    if (visited == 0 || visited == visible) {
      return visited == 0 ? 0 : 15;
    }
    return Math.max(1, Math.min(14, (int) Math.round(15.0 * visited / visible)));
  }

  @ParameterizedTest
  @EnumSource
  void denseVisitsAllOfEveryVisibleCell(Visibility visibility) {
    var grid = new TileGrid(Tokens.of(130), TILE, visibility);
    var bands = new Bands(grid, 16);

    assertThat(CellMap.ofTiles(bands, new Dense().on(grid)).digits()).matches("f+");
  }

  @Test
  void aMassLevelSquaredIsNearTheShare() {
    var bands = new Bands(TileGrid.bidirectional(Tokens.of(64), TILE), 16);
    double[] shares = IntStream.range(0, 256).mapToDouble(cell -> cell / 255.0).toArray();

    String digits = CellMap.ofMass(bands, shares).digits();

    for (int cell = 0; cell < shares.length; cell++) {
      double level = Character.digit(digits.charAt(cell), 16) / 15.0;
      assertThat(Math.abs(level - Math.sqrt(shares[cell]))).isLessThanOrEqualTo(0.5 / 15 + 1e-12);
    }
  }

  @Test
  void aCausalMassMapHoldsTheCellsUpToTheDiagonal() {
    var bands = new Bands(TileGrid.causal(Tokens.of(12), TILE), 3);
    double[] shares = {1, 0.9, 0.9, 0.25, 0.25, 0.9, 0, 1, 0};

    assertThat(CellMap.ofMass(bands, shares).digits()).isEqualTo("f88" + "0f0");
  }

  @Test
  void bandsCoverEveryTileOnceAndAreOfNearlyEqualWidth() {
    for (int tiles = 1; tiles <= 70; tiles++) {
      for (int count = 1; count <= Math.min(16, tiles); count++) {
        var bands = new Bands(TileGrid.causal(Tokens.of(tiles * 4 - 1), TILE), count);
        int[] widths =
            IntStream.range(0, count)
                .map(band -> bands.firstTile(band + 1) - bands.firstTile(band))
                .toArray();

        assertThat(bands.firstTile(0)).isZero();
        for (int tile = 0; tile < tiles; tile++) {
          int band = tile * count / tiles;
          assertThat(tile).isBetween(bands.firstTile(band), bands.firstTile(band + 1) - 1);
        }
        assertThat(Arrays.stream(widths).sum()).isEqualTo(tiles);
        assertThat(Arrays.stream(widths).max().orElseThrow())
            .isLessThanOrEqualTo(Arrays.stream(widths).min().orElseThrow() + 1);
        assertThat(bands.edgesTokens()).hasSize(count + 1).endsWith(tiles * 4 - 1);
      }
    }
  }

  @Test
  void moreBandsThanTilesAreRefused() {
    assertThatThrownBy(() -> new Bands(TileGrid.causal(Tokens.of(8), TILE), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1..2");
  }
}
