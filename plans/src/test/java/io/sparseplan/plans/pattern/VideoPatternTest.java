package io.sparseplan.plans.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tiles of video patterns against the token-by-token meaning that their sources give them. */
final class VideoPatternTest {
  /** Each family with parameters that are often larger than the video. */
  enum Family {
    NEIGHBORHOOD(random -> new Neighborhood(window(random), window(random), window(random))),
    SLIDING_TILE(
        random -> new SlidingTile(extents(random, 5), new SlidingTile.Window(extents(random, 6)))),
    BAND(
        random ->
            new VideoBand(
                VideoBand.Order.values()[random.nextInt(2)],
                Tokens.of(random.nextInt(60)),
                random.nextInt(4) == 0)),
    STRIPES(
        random -> {
          int stride = random.nextInt(1, 50);
          return new VideoStripes(
              Tokens.of(random.nextInt(1, stride + 1)),
              Tokens.of(stride),
              Tokens.of(random.nextInt(stride)));
        }),
    RADIAL(
        random ->
            new RadialDecay(
                0.05 + 2 * random.nextDouble(),
                Tokens.of(random.nextInt(1, 12)),
                random.nextInt(4) == 0)),
    SETS(
        random -> {
          Extents window = extents(random, 7);
          return new WindowSets(
              window,
              new WindowSets.Shift(
                  random.nextInt(window.frames()),
                  random.nextInt(window.height()),
                  random.nextInt(window.width())),
              Tokens.of(random.nextInt(1, 20)),
              WindowSets.SortAxis.values()[random.nextInt(3)]);
        });

    private final Function<SplittableRandom, VideoPattern> pattern;

    Family(Function<SplittableRandom, VideoPattern> pattern) {
      this.pattern = pattern;
    }

    private static AxisWindow window(SplittableRandom random) {
      int window = random.nextInt(1, 8);
      return new AxisWindow(
          new Window(window),
          new Stride(random.nextInt(1, window + 1)),
          new Dilation(random.nextInt(1, 4)),
          random.nextInt(3) == 0);
    }
  }

  private static Extents extents(SplittableRandom random, int end) {
    return new Extents(random.nextInt(1, end), random.nextInt(1, end), random.nextInt(1, end));
  }

  private static VideoLayout layout(Extents extents, int text, Extents block) {
    return new VideoLayout(extents, Tokens.of(text), block);
  }

  @ParameterizedTest
  @EnumSource
  void aThousandRandomVideosVisitTheTilesThatHoldASeenKeyAndNoOthers(Family family) {
    var random = new SplittableRandom(family.ordinal());
    for (int geometry = 0; geometry < 1000; geometry++) {
      Extents extents = extents(random, 6);
      Extents block =
          new Extents(
              random.nextInt(1, extents.frames() + 1),
              random.nextInt(1, extents.height() + 1),
              random.nextInt(1, extents.width() + 1));
      VideoLayout video = layout(extents, random.nextInt(2) * random.nextInt(9), block);
      TileGrid grid = TileGrid.of(video, new TileSize(random.nextInt(1, 20)));
      VideoPattern pattern = family.pattern.apply(random);
      TileLists lists = pattern.on(grid);
      BitSet[] expected = tilesOfMask(pattern, grid);
      for (int queryTile = 0; queryTile < grid.tiles(); queryTile++) {
        assertThat(bits(pattern.keyTiles(grid, queryTile)))
            .as("query tile %d, %s on %s, tile %s", queryTile, pattern, video, grid.tile())
            .isEqualTo(expected[queryTile]);
        for (int keyTile = 0; keyTile < grid.tiles(); keyTile++) {
          assertThat(lists.visits(queryTile, keyTile)).isEqualTo(expected[queryTile].get(keyTile));
        }
      }
    }
  }

  private static BitSet[] tilesOfMask(VideoPattern pattern, TileGrid grid) {
    var mask = new VideoMask(pattern, grid.video().orElseThrow());
    var tiles = new BitSet[grid.tiles()];
    Arrays.setAll(tiles, tile -> new BitSet());
    int tile = grid.tile().tokens();
    for (int query = 0; query < grid.length().count(); query++) {
      for (int key = 0; key < grid.length().count(); key++) {
        if (mask.sees(query, key)) {
          tiles[query / tile].set(key / tile);
        }
      }
    }
    return tiles;
  }

  private static BitSet bits(int[] tiles) {
    var bits = new BitSet();
    Arrays.stream(tiles).forEach(bits::set);
    return bits;
  }

  @Test
  void theMaskOfATokenIsThatOfItsTile() {
    VideoLayout video = layout(new Extents(3, 4, 5), 3, new Extents(2, 2, 2));
    TileGrid grid = TileGrid.of(video, new TileSize(8));
    var pattern = new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(2), false);
    var mask = new TokenMask(pattern, grid);
    TileLists lists = pattern.on(grid);
    for (int query = 0; query < grid.length().count(); query++) {
      BitSet keys = mask.visibleKeys(query);
      for (int key = 0; key < grid.length().count(); key++) {
        assertThat(keys.get(key)).isEqualTo(lists.visits(query / 8, key / 8));
      }
    }
  }

  @Test
  void natten() {
    // Windows of 3 of 10 keep their size at the ends; stride 2 shares them, centred on the second.
    assertThat(keysOnWidth(10, 3, 1, 1, 0)).containsExactly(0, 1, 2);
    assertThat(keysOnWidth(10, 3, 1, 1, 5)).containsExactly(4, 5, 6);
    assertThat(keysOnWidth(10, 3, 1, 1, 9)).containsExactly(7, 8, 9);
    assertThat(keysOnWidth(10, 3, 2, 1, 4)).containsExactly(4, 5, 6);
    assertThat(keysOnWidth(10, 3, 2, 1, 5)).containsExactly(4, 5, 6);
    // Stride = window is blocked attention; a dilation keeps to its own coordinates.
    assertThat(keysOnWidth(9, 3, 3, 1, 5)).containsExactly(3, 4, 5);
    assertThat(keysOnWidth(10, 3, 1, 3, 4)).containsExactly(1, 4, 7);
    // A window larger than the axis is the axis.
    assertThat(keysOnWidth(4, 9, 5, 1, 0)).containsExactly(0, 1, 2, 3);
  }

  private static List<Integer> keysOnWidth(
      int length, int window, int stride, int dilation, int query) {
    VideoLayout video = layout(new Extents(1, 1, length), 0, new Extents(1, 1, 1));
    var pattern =
        new Neighborhood(
            AxisWindow.of(1),
            AxisWindow.of(1),
            new AxisWindow(new Window(window), new Stride(stride), new Dilation(dilation), false));
    return keys(pattern, TileGrid.of(video, new TileSize(1)), query);
  }

  private static List<Integer> keys(VideoPattern pattern, TileGrid grid, int query) {
    return Arrays.stream(pattern.keyTiles(grid, query)).boxed().toList();
  }

  @ParameterizedTest
  @CsvSource({
    // Hunyuan has 5 × 6 × 10 tiles: centred, pushed in from both ends, all of them.
    "3, 0, 0 1 2",
    "3, 2, 1 2 3",
    "3, 4, 2 3 4",
    "1, 4, 4",
    "5, 0, 0 1 2 3 4",
    // An even window sees one more tile than it says, unless that is all.
    "2, 0, 0 1 2",
    "4, 2, 0 1 2 3 4",
    "6, 3, 0 1 2 3 4"
  })
  void slidingTilesAreClampedAsInSta(int window, int queryTile, String expected) {
    VideoLayout video = layout(new Extents(30, 1, 1), 0, new Extents(6, 1, 1));
    TileGrid grid = TileGrid.of(video, new TileSize(6));
    assertThat(keys(SlidingTile.ofSta(new Extents(window, 1, 1)), grid, queryTile))
        .containsExactlyElementsOf(
            Arrays.stream(expected.split(" ")).map(Integer::valueOf).toList());
  }

  @Test
  void hunyuansWindowsVisitAsManyTilesAsStaCounts() {
    VideoLayout video = layout(new Extents(30, 48, 80), 0, new Extents(6, 8, 8));
    TileGrid grid = TileGrid.of(video, new TileSize(384));
    assertThat(grid.tiles()).isEqualTo(300);
    for (Extents window :
        List.of(
            new Extents(5, 3, 3),
            new Extents(1, 6, 10),
            new Extents(3, 3, 5),
            new Extents(5, 1, 10),
            new Extents(5, 6, 1))) {
      assertThat(SlidingTile.ofSta(window).on(grid).total())
          .as(window.text())
          .isEqualTo(300 * window.tokens());
    }
  }

  @Test
  void radialThinsFramesAsItsCodeDoes() {
    // A frame of 3600 has 12 bits, P = 4096: 1024 at 2 and 3 frames, 128 at 16 to 31, 64 at 32.
    var radial = new RadialDecay(0.2, RadialDecay.BLOCK, false);
    var wan = new Extents(81, 45, 80);
    assertThat(IntStream.of(0, 1).mapToDouble(apart -> radial.reach(apart, wan)))
        .containsExactly(3600.0, 3600.0);
    assertThat(radial.reach(2, wan)).isEqualTo(0.2 * 1024);
    assertThat(radial.reach(3, wan)).isEqualTo(0.2 * 1024);
    assertThat(radial.reach(4, wan)).isEqualTo(128);
    assertThat(new RadialDecay(0.95, RadialDecay.BLOCK, false).reach(8, wan)).isEqualTo(0.95 * 256);
    assertThat(IntStream.rangeClosed(0, 31).allMatch(apart -> radial.keepsFrames(apart, wan)))
        .isTrue();
    assertThat(IntStream.range(32, 64).filter(apart -> radial.keepsFrames(apart, wan)))
        .containsExactly(32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62);
    assertThat(IntStream.range(64, 81).filter(apart -> radial.keepsFrames(apart, wan)))
        .containsExactly(64, 68, 72, 76, 80);
  }

  @Test
  void bandsAreDiagonalsOfTwoOrders() {
    VideoLayout video = layout(new Extents(3, 2, 2), 0, new Extents(1, 2, 2));
    TileGrid grid = TileGrid.of(video, new TileSize(1));
    // Token 5 is frame 1, row 0, column 1: place 1 in the order of places, index 1·3 + 1.
    assertThat(new VideoPlace(1, 0, 1)).isEqualTo(video.at(5));
    assertThat(keys(new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(1), false), grid, 5))
        .containsExactly(4, 5, 6);
    assertThat(keys(new VideoBand(VideoBand.Order.PLACE_MAJOR, Tokens.of(1), false), grid, 5))
        .containsExactly(1, 5, 9);
    assertThat(keys(new VideoBand(VideoBand.Order.PLACE_MAJOR, Tokens.of(2), false), grid, 5))
        .containsExactly(1, 2, 5, 8, 9);
    assertThat(keys(new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(0), true), grid, 5))
        .containsExactly(0, 1, 2, 3, 5);
    assertThat(keys(new VideoStripes(Tokens.of(1), Tokens.of(4), Tokens.of(2)), grid, 5))
        .containsExactly(2, 6, 10);
  }

  /** Nine tokens in a row, windows of 6 shifted by 2: 4 and 5 tokens, in sets of at most 3. */
  @Test
  void setsAreCutAsInDsvt() {
    VideoLayout video = layout(new Extents(1, 1, 9), 0, new Extents(1, 1, 1));
    TileGrid grid = TileGrid.of(video, new TileSize(1));
    var sets =
        new WindowSets(
            new Extents(1, 1, 6),
            new WindowSets.Shift(0, 0, 2),
            Tokens.of(3),
            WindowSets.SortAxis.WIDTH);
    assertThat(keys(sets, grid, 0)).containsExactly(0, 1);
    assertThat(keys(sets, grid, 3)).containsExactly(2, 3);
    // Of five tokens 0, 0 and 1 are a set, 2, 3 and 4 the other.
    assertThat(keys(sets, grid, 5)).containsExactly(4, 5);
    assertThat(keys(sets, grid, 6)).containsExactly(6, 7, 8);
    var whole =
        new WindowSets(
            new Extents(1, 1, 6), WindowSets.Shift.NONE, Tokens.of(6), WindowSets.SortAxis.FRAMES);
    assertThat(keys(whole, grid, 7)).containsExactly(6, 7, 8);
  }

  /** In a window of 2 × 3, sets of three: rows, or columns and a half. */
  @Test
  void setsRotateWithTheAxis() {
    VideoLayout video = layout(new Extents(1, 2, 3), 0, new Extents(1, 1, 1));
    TileGrid grid = TileGrid.of(video, new TileSize(1));
    var window = new Extents(1, 2, 3);
    var byRow =
        new WindowSets(window, WindowSets.Shift.NONE, Tokens.of(3), WindowSets.SortAxis.HEIGHT);
    var byColumn =
        new WindowSets(window, WindowSets.Shift.NONE, Tokens.of(3), WindowSets.SortAxis.WIDTH);
    assertThat(keys(byRow, grid, 1)).containsExactly(0, 1, 2);
    assertThat(keys(byColumn, grid, 1)).containsExactly(0, 1, 3);
    assertThat(keys(byColumn, grid, 4)).containsExactly(2, 4, 5);
  }

  @Test
  void textSeesAndIsSeenByEveryTile() {
    VideoLayout video = layout(new Extents(4, 4, 4), 5, new Extents(1, 4, 4));
    TileGrid grid = TileGrid.of(video, new TileSize(16));
    var nearly = new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(0), false);
    assertThat(keys(nearly, grid, 1)).containsExactly(1, 4);
    assertThat(keys(nearly, grid, 4)).containsExactly(0, 1, 2, 3, 4);
    var scores = new PooledScores(grid, new float[][] {row(5), row(5), row(5), row(5), row(5)});
    assertThat(scores.heaviest(2, 0, 1)).containsExactly(0, 2, 4);
    assertThat(scores.heaviest(4, 0, 1)).containsExactly(0, 1, 2, 3, 4);
  }

  private static float[] row(int tiles) {
    float[] row = new float[tiles];
    Arrays.fill(row, 1f / tiles);
    return row;
  }

  @Test
  void aVideoPatternNeedsAVideo() {
    var pattern = new VideoBand(VideoBand.Order.FRAME_MAJOR, Tokens.of(1), false);
    TileGrid language = TileGrid.causal(Tokens.of(100), TileSize.DEFAULT);
    assertThatThrownBy(() -> pattern.on(language))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The pattern spatial±1 is of a video; 100 tokens lie one after");
  }

  @Test
  void parametersThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> new AxisWindow(new Window(2), new Stride(3), Dilation.NONE, false))
        .hasMessageContaining("The stride (3) must be at most the window (2)");
    assertThatThrownBy(() -> new VideoStripes(Tokens.of(3), Tokens.of(2), Tokens.of(0)))
        .hasMessageContaining("columnTokens (3)");
    assertThatThrownBy(() -> new VideoStripes(Tokens.of(1), Tokens.of(2), Tokens.of(2)))
        .hasMessageContaining("offsetTokens (2)");
    assertThatThrownBy(() -> new RadialDecay(0, Tokens.of(1), false))
        .hasMessageContaining("decay (0.0)");
    assertThatThrownBy(
            () ->
                new WindowSets(
                    new Extents(1, 2, 3),
                    new WindowSets.Shift(0, 2, 0),
                    Tokens.of(1),
                    WindowSets.SortAxis.WIDTH))
        .hasMessageContaining("The shift (2) along HEIGHT must be in 0..1");
    assertThatThrownBy(
            () ->
                new WindowSets(
                    new Extents(1, 2, 3),
                    WindowSets.Shift.NONE,
                    Tokens.of(0),
                    WindowSets.SortAxis.WIDTH))
        .hasMessageContaining("setTokens (0)");
    assertThatThrownBy(() -> new RadialDecay(1, Tokens.of(0), false))
        .hasMessageContaining("blockTokens (0)");
  }
}
