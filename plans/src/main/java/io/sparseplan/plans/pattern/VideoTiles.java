package io.sparseplan.plans.pattern;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The tiles that a video pattern visits. Every tile is a few boxes of the video, so that a pattern
 * answers for pairs of boxes, not of tokens.
 */
final class VideoTiles {
  private final VideoPattern pattern;
  private final TileGrid grid;
  private final VideoLayout video;
  private final List<List<VideoBox>> boxesOfTile;

  /**
   * @throws BadInputException if the grid is not of a video
   */
  VideoTiles(VideoPattern pattern, TileGrid grid) {
    this.pattern = pattern;
    this.grid = grid;
    video =
        grid.video()
            .orElseThrow(
                () ->
                    new BadInputException(
                        "The pattern %s is of a video; %s tokens lie one after the other."
                            .formatted(pattern.label(), grid.length()),
                        "take it for a plan of a video model."));
    boxesOfTile =
        IntStream.range(0, grid.tiles())
            .mapToObj(tile -> video.boxes(grid.firstToken(tile), grid.endToken(tile)))
            .toList();
  }

  int[] keyTiles(int queryTile) {
    if (grid.holdsText(queryTile)) {
      return IntStream.range(0, grid.tiles()).toArray();
    }
    List<Predicate<VideoBox>> seen = new ArrayList<>();
    for (VideoBox queries : boxesOfTile.get(queryTile)) {
      seen.add(pattern.seenBy(video, queries));
    }
    return IntStream.range(0, grid.tiles())
        .filter(keyTile -> grid.holdsText(keyTile) || isSeen(seen, boxesOfTile.get(keyTile)))
        .toArray();
  }

  private static boolean isSeen(List<Predicate<VideoBox>> seen, List<VideoBox> keys) {
    for (Predicate<VideoBox> bySome : seen) {
      for (VideoBox box : keys) {
        if (bySome.test(box)) {
          return true;
        }
      }
    }
    return false;
  }
}
