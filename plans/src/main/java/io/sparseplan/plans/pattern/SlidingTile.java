package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.EnumMap;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * All queries of a 3-D tile see the same window of 3-D tiles: Sliding Tile Attention (arXiv
 * 2502.04507).
 *
 * <p>On each axis of n tiles, a window of k is centred on the query's tile, pushed inward at the
 * ends: centre = min(max(q, ⌊k/2⌋), n − 1 − ⌊k/2⌋), and tiles up to ⌊k/2⌋ from it are seen. As in
 * its code, an even window below n sees k + 1 tiles, and one of n or more sees all.
 *
 * <p>Rounded up to whole tiles of the kernel; exact where those are pieces of the 3-D tiles.
 *
 * @param tile of the pattern, which need not be the kernel's; its own is {@link #STA_TILE}
 * @param window in such tiles
 */
public record SlidingTile(Extents tile, @JsonProperty("windowTiles") Window window)
    implements VideoPattern {
  /** 384 tokens: the 3-D tile of STA's kernel. */
  public static final Extents STA_TILE = new Extents(6, 8, 8);

  /** Tiles along each axis. */
  public record Window(@JsonValue Extents tiles) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Window {}
  }

  /** A window of STA's own tiles. */
  public static SlidingTile ofSta(Extents windowTiles) {
    return new SlidingTile(STA_TILE, new Window(windowTiles));
  }

  /** How many tiles there are on an axis of a video, the last perhaps in part. */
  public int tilesAlong(Axis axis, Extents video) {
    return Math.ceilDiv(video.along(axis), tile.along(axis));
  }

  /**
   * The strided neighborhood that sees the same: a window of whole tiles, shared by the queries of
   * a tile. There is one where windows are odd, or all of an axis, and tiles divide the video.
   */
  public Optional<Neighborhood> asNeighborhood(Extents video) {
    var windows = new EnumMap<Axis, AxisWindow>(Axis.class);
    for (Axis axis : Axis.values()) {
      int length = video.along(axis);
      int side = tile.along(axis);
      int tiles = window.tiles().along(axis);
      if (tiles >= tilesAlong(axis, video)) {
        windows.put(axis, AxisWindow.of(length));
      } else if (tiles % 2 == 1 && length % side == 0) {
        windows.put(
            axis,
            new AxisWindow(
                new NeighborhoodAxis.Window(tiles * side), new Stride(side), Dilation.NONE, false));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Neighborhood(
            windows.get(Axis.FRAMES), windows.get(Axis.HEIGHT), windows.get(Axis.WIDTH)));
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    return new SeenAlongAxes(
        queries,
        (axis, query, keys) -> {
          int side = tile.along(axis);
          int half = window.tiles().along(axis) / 2;
          int last = tilesAlong(axis, video.extents()) - 1;
          int centre = Math.min(Math.max(query / side, half), last - half);
          int first = Math.max(0, centre - half);
          int end = Math.min(last, centre + half) + 1;
          keys.set(first * side, Math.min(end * side, video.extents().along(axis)));
        });
  }

  @Override
  public String label() {
    return "sta(%s)%s"
        .formatted(window.tiles().text(), tile.equals(STA_TILE) ? "" : "of" + tile.text());
  }
}
