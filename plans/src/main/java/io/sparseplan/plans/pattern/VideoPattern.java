package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.geometry.TileLists;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.function.Predicate;

/**
 * A pattern over the frames, rows and columns of a video. Text beside the video sees every token
 * and is seen by every token.
 *
 * <p>Rounded up to whole tiles: a query tile visits the key tiles that hold a key which any of its
 * queries sees. {@link VideoMask} is the slow reference of each.
 */
public sealed interface VideoPattern extends FixedPattern
    permits Neighborhood, SlidingTile, VideoBand, VideoStripes, RadialDecay, WindowSets {
  /**
   * Tells boxes that hold a key which any query of a box sees from those that do not. Exact.
   *
   * @param queries a box of the video
   */
  Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries);

  @Override
  default boolean fits(TokenLayout layout) {
    return layout.video().isPresent();
  }

  @Override
  default int[] keyTiles(TileGrid grid, int queryTile) {
    return new VideoTiles(this, grid).keyTiles(queryTile);
  }

  @Override
  default TileLists on(TileGrid grid) {
    return TileLists.of(grid, new VideoTiles(this, grid)::keyTiles);
  }
}
