package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * Sets of about equal size within shifted windows, of tokens sorted along one axis: DSVT's rotated
 * sets (arXiv 2301.06051, §3.2), whose layers take the axes and the shifts in turn. A set as large
 * as the window is plain window attention, as Swin and the window branch of Direct3D-S2 (arXiv
 * 2505.17412) have it.
 *
 * <p>A token is in window ⌊(coordinate + shift) ÷ window⌋ on each axis. The N tokens of a window
 * are sorted by the axis, then by frame, row and column, and cut into S = ⌈N ÷ τ⌉ sets: set s has
 * the tokens ⌊(j + s·τ)·N ÷ (S·τ)⌋ for j = 0..τ − 1, some of them twice where N is no multiple. As
 * N is more than (S − 1)·τ, these are the tokens ⌊s·N ÷ S⌋..⌊(s + 1)·N ÷ S⌋ − 1, so that every
 * token is in one set.
 *
 * <p>Rounded up to whole tiles.
 *
 * @param window the size of a window
 * @param shift of the windows, less than their size on each axis
 * @param set τ, the tokens of a set, at least one
 * @param along the axis that tokens are sorted by first
 */
public record WindowSets(
    Extents window, Shift shift, @JsonProperty("setTokens") Tokens set, SortAxis along)
    implements VideoPattern {
  /** How far windows are shifted on each axis, in tokens. */
  public record Shift(int frames, int height, int width) {
    public static final Shift NONE = new Shift(0, 0, 0);

    int along(Axis axis) {
      return switch (axis) {
        case FRAMES -> frames;
        case HEIGHT -> height;
        case WIDTH -> width;
      };
    }
  }

  /** What tokens of a window are sorted by first. */
  public enum SortAxis {
    @JsonProperty("frames")
    FRAMES(Axis.FRAMES),
    @JsonProperty("height")
    HEIGHT(Axis.HEIGHT),
    @JsonProperty("width")
    WIDTH(Axis.WIDTH);

    private final Axis axis;

    SortAxis(Axis axis) {
      this.axis = axis;
    }

    /** The axis itself. */
    public Axis axis() {
      return axis;
    }
  }

  public WindowSets {
    for (Axis axis : Axis.values()) {
      if (shift.along(axis) < 0 || shift.along(axis) >= window.along(axis)) {
        throw new IllegalArgumentException(
            "The shift (%d) along %s must be in 0..%d."
                .formatted(shift.along(axis), axis, window.along(axis) - 1));
      }
    }
    if (set.count() < 1) {
      throw new IllegalArgumentException("The setTokens (%s) must be positive.".formatted(set));
    }
  }

  /** A window's first token and its size, cut to the video, and how its tokens are sorted. */
  private record Window(VideoPlace first, Extents size, List<Axis> order) {
    int rank(VideoPlace token) {
      int rank = 0;
      for (Axis axis : order) {
        rank = rank * size.along(axis) + token.along(axis) - first.along(axis);
      }
      return rank;
    }

    VideoPlace at(int rank) {
      int[] coordinates = new int[Axis.values().length];
      int rest = rank;
      for (Axis axis : order.reversed()) {
        coordinates[axis.ordinal()] = first.along(axis) + rest % size.along(axis);
        rest /= size.along(axis);
      }
      return new VideoPlace(coordinates[0], coordinates[1], coordinates[2]);
    }
  }

  private record WindowSet(Window window, long number) {}

  private Window windowOf(Extents video, VideoPlace token) {
    int[] first = new int[Axis.values().length];
    int[] size = new int[first.length];
    for (Axis axis : Axis.values()) {
      int side = window.along(axis);
      int from = (token.along(axis) + shift.along(axis)) / side * side - shift.along(axis);
      first[axis.ordinal()] = Math.max(0, from);
      size[axis.ordinal()] =
          (int) Math.min(video.along(axis), (long) from + side) - first[axis.ordinal()];
    }
    return new Window(
        new VideoPlace(first[0], first[1], first[2]),
        new Extents(size[0], size[1], size[2]),
        switch (along) {
          case FRAMES -> List.of(Axis.FRAMES, Axis.HEIGHT, Axis.WIDTH);
          case HEIGHT -> List.of(Axis.HEIGHT, Axis.FRAMES, Axis.WIDTH);
          case WIDTH -> List.of(Axis.WIDTH, Axis.FRAMES, Axis.HEIGHT);
        });
  }

  private long setsOf(Window of) {
    return Math.ceilDiv(of.size.tokens(), set.count());
  }

  /** The place of a set's first token. */
  private int first(Window of, long number) {
    return (int) (number * of.size.tokens() / setsOf(of));
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    var sets = new HashSet<WindowSet>();
    for (int frame = queries.frames().first(); frame < queries.frames().end(); frame++) {
      for (int row = queries.height().first(); row < queries.height().end(); row++) {
        for (int column = queries.width().first(); column < queries.width().end(); column++) {
          var token = new VideoPlace(frame, row, column);
          sets.add(setOf(windowOf(video.extents(), token), token));
        }
      }
    }
    var seen = new BitSet();
    for (WindowSet each : sets) {
      int end = first(each.window, each.number + 1);
      for (int rank = first(each.window, each.number); rank < end; rank++) {
        seen.set(video.frameMajor(each.window.at(rank)));
      }
    }
    return keys -> anyOf(seen, keys, video.extents());
  }

  private WindowSet setOf(Window of, VideoPlace token) {
    int rank = of.rank(token);
    long number = Math.min(setsOf(of) - 1, rank * setsOf(of) / of.size.tokens() + 1);
    while (first(of, number) > rank) {
      number--;
    }
    return new WindowSet(of, number);
  }

  private static boolean anyOf(BitSet seen, VideoBox keys, Extents video) {
    for (int frame = keys.frames().first(); frame < keys.frames().end(); frame++) {
      for (int row = keys.height().first(); row < keys.height().end(); row++) {
        int start = frame * video.tokensOfFrame() + row * video.width();
        int next = seen.nextSetBit(start + keys.width().first());
        if (next >= 0 && next < start + keys.width().end()) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public String label() {
    return "sets(%s+%dx%dx%d:%s%s)"
        .formatted(
            window.text(),
            shift.frames,
            shift.height,
            shift.width,
            set,
            switch (along) {
              case FRAMES -> "f";
              case HEIGHT -> "h";
              case WIDTH -> "w";
            });
  }
}
