package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;

/**
 * What each video pattern means, token by token and rounded to nothing: slow, obvious, and written
 * from the definition of its source. Tests hold the tiles against it.
 */
public final class VideoMask {
  private final VideoPattern pattern;
  private final VideoLayout video;

  public VideoMask(VideoPattern pattern, VideoLayout video) {
    this.pattern = pattern;
    this.video = video;
  }

  /** Whether the token at one place of the video's order sees that at another. */
  public boolean sees(int query, int key) {
    return video.isText(query)
        || video.isText(key)
        || sees(video.extents(), video.at(query), video.at(key));
  }

  private boolean sees(Extents extents, VideoPlace query, VideoPlace key) {
    return switch (pattern) {
      case Neighborhood neighborhood -> {
        for (Axis axis : Axis.values()) {
          if (!neighborhood
              .along(axis)
              .on(extents.along(axis))
              .sees(query.along(axis), key.along(axis))) {
            yield false;
          }
        }
        yield true;
      }
      case SlidingTile(var tile, var window) -> {
        for (Axis axis : Axis.values()) {
          int tiles = Math.ceilDiv(extents.along(axis), tile.along(axis));
          int half = window.tiles().along(axis) / 2;
          int centre = query.along(axis) / tile.along(axis);
          centre = Math.max(centre, half);
          centre = Math.min(centre, tiles - 1 - half);
          if (Math.abs(centre - key.along(axis) / tile.along(axis)) > half) {
            yield false;
          }
        }
        yield true;
      }
      case VideoBand(var order, var reach, boolean firstFrame) ->
          (firstFrame && key.frame() == 0)
              || Math.abs(order.index(extents, query) - order.index(extents, key)) <= reach.count();
      case VideoStripes(var width, var stride, var offset) -> {
        int fromFirst = video.frameMajor(key) - offset.count();
        yield fromFirst >= 0 && fromFirst % stride.count() < width.count();
      }
      case RadialDecay(double decay, var block, boolean firstFrame) -> {
        int framesApart = Math.abs(query.frame() - key.frame());
        int row = query.row() * extents.width() + query.column();
        int column = key.row() * extents.width() + key.column();
        yield (firstFrame && key.frame() == 0)
            || framesApart <= 1
            || radialSees(framesApart, Math.abs(row - column), decay, block.count(), extents);
      }
    };
  }

  private static boolean radialSees(
      int framesApart, int apart, double decay, int block, Extents extents) {
    double width = 1;
    for (int rest = extents.height() * extents.width(); rest > 0; rest /= 2) {
      width *= 2;
    }
    for (int rest = framesApart; rest > 0; rest /= 2) {
      width /= 2;
    }
    if (width < block && framesApart % (int) Math.floor(block / width) != 0) {
      return false;
    }
    return apart <= Math.max(block, decay * width);
  }
}
