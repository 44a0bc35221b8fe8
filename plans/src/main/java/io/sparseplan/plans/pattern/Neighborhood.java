package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.Axis;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.NeighborhoodAxis;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A window about each query on every axis, which keeps its size at the ends: neighborhood attention
 * with stride and dilation (Generalized Neighborhood Attention, arXiv 2504.16922; NATTEN).
 *
 * <p>Rounded up to whole tiles.
 */
public record Neighborhood(AxisWindow frames, AxisWindow height, AxisWindow width)
    implements VideoPattern {
  /** The window on one axis. */
  public AxisWindow along(Axis axis) {
    return switch (axis) {
      case FRAMES -> frames;
      case HEIGHT -> height;
      case WIDTH -> width;
    };
  }

  /** The rule of each axis of a video. */
  Map<Axis, NeighborhoodAxis> on(Extents extents) {
    var axes = new EnumMap<Axis, NeighborhoodAxis>(Axis.class);
    for (Axis axis : Axis.values()) {
      axes.put(axis, along(axis).on(extents.along(axis)));
    }
    return axes;
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    Map<Axis, NeighborhoodAxis> axes = on(video.extents());
    return new SeenAlongAxes(
        queries,
        (axis, query, keys) -> {
          NeighborhoodAxis rule = axes.get(axis);
          int gap = rule.dilation().coordinates();
          NeighborhoodAxis.Keys ofGroup = rule.dilationGroup(query % gap).keysOf(query / gap);
          for (int key = ofGroup.first(); key < ofGroup.end(); key++) {
            keys.set(key * gap + query % gap);
          }
        });
  }

  @Override
  public String label() {
    return "na(%s,%s,%s)".formatted(frames.text(), height.text(), width.text());
  }
}
