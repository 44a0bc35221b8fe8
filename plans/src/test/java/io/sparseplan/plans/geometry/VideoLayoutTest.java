package io.sparseplan.plans.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The order of a video's tokens, against one that is written out block by block. */
final class VideoLayoutTest {
  private static List<VideoPlace> writtenOut(Extents extents, Extents block) {
    var places = new ArrayList<VideoPlace>();
    for (int f = 0; f < extents.frames(); f += block.frames()) {
      for (int h = 0; h < extents.height(); h += block.height()) {
        for (int w = 0; w < extents.width(); w += block.width()) {
          for (int frame = f; frame < Math.min(f + block.frames(), extents.frames()); frame++) {
            for (int row = h; row < Math.min(h + block.height(), extents.height()); row++) {
              for (int column = w;
                  column < Math.min(w + block.width(), extents.width());
                  column++) {
                places.add(new VideoPlace(frame, row, column));
              }
            }
          }
        }
      }
    }
    return places;
  }

  static VideoLayout random(SplittableRandom random, int side) {
    var extents =
        new Extents(random.nextInt(1, side), random.nextInt(1, side), random.nextInt(1, side));
    return new VideoLayout(
        extents,
        Tokens.of(random.nextInt(2) * random.nextInt(12)),
        new Extents(
            random.nextInt(1, extents.frames() + 1),
            random.nextInt(1, extents.height() + 1),
            random.nextInt(1, extents.width() + 1)));
  }

  @Test
  void everyPlaceHoldsTheTokenOfTheOrderWrittenOut() {
    var random = new SplittableRandom(3);
    for (int geometry = 0; geometry < 300; geometry++) {
      VideoLayout video = random(random, 9);
      List<VideoPlace> expected = writtenOut(video.extents(), video.block());
      for (int place = 0; place < expected.size(); place++) {
        assertThat(video.at(place)).as("%s, %d", video, place).isEqualTo(expected.get(place));
      }
      assertThat(video.isText(expected.size() - 1)).isFalse();
      assertThat(video.isText(expected.size())).isTrue();
    }
  }

  @Test
  void theBoxesOfARunOfPlacesHoldItsVideoTokensEachOnce() {
    var random = new SplittableRandom(4);
    for (int geometry = 0; geometry < 1000; geometry++) {
      VideoLayout video = random(random, 8);
      int length = video.length().count();
      int first = random.nextInt(length);
      int end = random.nextInt(first + 1, length + 1);
      List<VideoPlace> expected =
          writtenOut(video.extents(), video.block())
              .subList(
                  Math.min(first, video.extents().tokens()),
                  Math.min(end, video.extents().tokens()));
      var found = new ArrayList<VideoPlace>();
      for (VideoBox box : video.boxes(first, end)) {
        for (int frame = box.frames().first(); frame < box.frames().end(); frame++) {
          for (int row = box.height().first(); row < box.height().end(); row++) {
            for (int column = box.width().first(); column < box.width().end(); column++) {
              found.add(new VideoPlace(frame, row, column));
            }
          }
        }
      }
      assertThat(found)
          .as("%s, %d..%d", video, first, end)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void aTileOfOneBlockIsOneBox() {
    var video = new VideoLayout(new Extents(18, 24, 24), Tokens.of(64), new Extents(2, 8, 8));
    TileGrid grid = TileGrid.of(video, TileSize.DEFAULT);
    assertThat(grid.tiles()).isEqualTo(82);
    for (int tile = 0; tile < 81; tile++) {
      assertThat(video.boxes(grid.firstToken(tile), grid.endToken(tile))).hasSize(1);
      assertThat(grid.holdsText(tile)).isFalse();
    }
    assertThat(grid.holdsText(81)).isTrue();
    assertThat(video.boxes(grid.firstToken(81), grid.endToken(81))).isEmpty();
  }

  @Test
  void whatIsNoVideoIsRefused() {
    var video = new VideoLayout(new Extents(2, 3, 4), Tokens.of(5), new Extents(1, 1, 1));
    assertThatThrownBy(() -> TokenLayout.of(video, new TileSize(4)).grid(Tokens.of(30)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The length (30) is not that of the video")
        .hasMessageContaining("29 tokens");
    assertThatThrownBy(
            () -> new VideoLayout(new Extents(2, 3, 4), Tokens.of(5), new Extents(1, 4, 1)))
        .hasMessageContaining("The block (1x4x1) must be at most the video (2x3x4)");
    assertThatThrownBy(() -> new Extents(0, 1, 1)).hasMessageContaining("must be positive");
    assertThatThrownBy(() -> new Extents(50_000, 50_000, 2).tokens())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
