package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * What each video pattern means, token by token and rounded to nothing: slow, obvious, and written
 * from the definition of its source. Tests hold the tiles against it.
 */
public final class VideoMask {
  private final VideoPattern pattern;
  private final VideoLayout video;
  private int[] setOfToken = {};

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
      case WindowSets sets -> {
        if (setOfToken.length == 0) {
          setOfToken = setsOf(sets, extents);
        }
        yield setOfToken[video.frameMajor(query)] == setOfToken[video.frameMajor(key)];
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

  /** The set of each token, window by window, as DSVT's formula writes sets. */
  private int[] setsOf(WindowSets pattern, Extents extents) {
    var tokensOfWindow = new TreeMap<String, List<VideoPlace>>();
    for (int place = 0; place < extents.tokens(); place++) {
      VideoPlace token = video.at(place);
      String window =
          Arrays.stream(Axis.values())
              .map(
                  axis ->
                      (token.along(axis) + pattern.shift().along(axis))
                          / pattern.window().along(axis))
              .toList()
              .toString();
      tokensOfWindow.computeIfAbsent(window, name -> new ArrayList<>()).add(token);
    }
    int[] sets = new int[extents.tokens()];
    int before = 0;
    for (List<VideoPlace> tokens : tokensOfWindow.values()) {
      tokens.sort(
          Comparator.<VideoPlace>comparingInt(token -> token.along(pattern.along().axis()))
              .thenComparingInt(VideoPlace::frame)
              .thenComparingInt(VideoPlace::row)
              .thenComparingInt(VideoPlace::column));
      int tau = pattern.set().count();
      int count = (tokens.size() + tau - 1) / tau;
      for (int s = 0; s < count; s++) {
        for (int j = 0; j < tau; j++) {
          VideoPlace token = tokens.get((j + s * tau) * tokens.size() / (count * tau));
          sets[video.frameMajor(token)] = before + s;
        }
      }
      before += count;
    }
    return sets;
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
