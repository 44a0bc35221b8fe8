package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CachedKeysTest {
  private static final Tokens ZERO = Tokens.of(0);

  private static final List<FixedPattern> STREAMING =
      List.of(
          new Skip(),
          new ElasticSpan(Tokens.of(128), Tokens.of(256), 0),
          new ElasticSpan(Tokens.of(1), Tokens.of(130), 0),
          new ElasticSpan(ZERO, ZERO, 0.3),
          new ElasticSpan(Tokens.of(64), Tokens.of(100_000), 0),
          new BandOfBlocks(-100, 0.3),
          new BandOfBlocks(500, 0),
          new DilatedWindow(Tokens.of(128), Tokens.of(700), Tokens.of(256)));

  private static CachedKeys of(Pattern pattern, int length) {
    return CachedKeys.of(pattern, grid(length));
  }

  private static TileGrid grid(int length) {
    return TileGrid.causal(Tokens.of(length), TileSize.DEFAULT);
  }

  /** A key that no later row visits need not be held. */
  @Test
  void aStreamingPatternHoldsAllThatTheNextTileOfQueriesVisits() {
    for (int length : new int[] {128, 1024, 1500, 4096}) {
      TileGrid grid = grid(length);
      for (FixedPattern pattern : STREAMING) {
        var needed = new BitSet();
        for (int key : pattern.keyTiles(grid, grid.tiles() - 1)) {
          needed.set(grid.firstToken(key), grid.endToken(key));
        }
        var held = new BitSet();
        CachedKeys cached = CachedKeys.of(pattern, grid);
        held.set(0, cached.sink().count());
        held.set(length - cached.window().count(), length);
        needed.andNot(held);
        assertThat(needed.isEmpty()).as("%s at %d", pattern.label(), length).isTrue();
        assertThat(cached.count(grid.length())).isBetween(held.cardinality(), length);
      }
    }
  }

  @Test
  void wholeTilesOfSinkAndWindow() {
    assertThat(of(new ElasticSpan(Tokens.of(1), Tokens.of(130), 0), 1500))
        .isEqualTo(new CachedKeys(Tokens.of(128), Tokens.of(256)));
    assertThat(of(new Skip(), 1500).count(Tokens.of(1500))).isZero();
  }

  @Test
  void whatDoesNotForgetHoldsEveryKey() {
    var patterns =
        List.of(
            new Dense(),
            new TriShape(Tokens.of(128), Tokens.of(256), 0, Tokens.of(64)),
            new Strided(Tokens.of(128), Tokens.of(128), Tokens.of(512), ZERO),
            new FixedFactorised(Tokens.of(256), Tokens.of(32)),
            new VerticalSlash(30, 100),
            new BlockTopK(Tokens.of(512), 0));
    for (Pattern pattern : patterns) {
      assertThat(of(pattern, 1500).count(Tokens.of(1500))).as(pattern.label()).isEqualTo(1500);
    }
  }

  @Test
  void headsThatShareHoldTheLongerOfEachPart() {
    var longSink = new CachedKeys(Tokens.of(512), Tokens.of(128));
    var longWindow = new CachedKeys(Tokens.of(128), Tokens.of(1024));
    assertThat(longSink.union(longWindow))
        .isEqualTo(longWindow.union(longSink))
        .isEqualTo(new CachedKeys(Tokens.of(512), Tokens.of(1024)));
    assertThat(longSink.union(longWindow).count(Tokens.of(1500))).isEqualTo(1500);
  }
}
