package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Extents;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.function.Predicate;

/**
 * Keys within a distance of the query in one of two orders of the tokens: Sparse VideoGen's spatial
 * and temporal heads (arXiv 2502.01776), Sparse-vDiT's diagonal and multi-diagonal modes (arXiv
 * 2506.03065), which are narrow bands of the same kinds.
 *
 * <p>Rounded up to whole tiles.
 *
 * @param order what the distance is measured in
 * @param reach the largest distance, in tokens
 * @param firstFrame whether every query also sees the first frame, as Sparse VideoGen has it for
 *     Wan
 */
public record VideoBand(Order order, @JsonProperty("reachTokens") Tokens reach, boolean firstFrame)
    implements VideoPattern {
  /** An order of the tokens of a video. */
  public enum Order {
    /** Frame by frame, each row by row: a band is the frames about the query, or a part of one. */
    @JsonProperty("frame_major")
    FRAME_MAJOR,
    /** Place by place, each frame by frame: a band is the same place at all times. */
    @JsonProperty("place_major")
    PLACE_MAJOR;

    /** How far apart in this order two tokens are that are one apart on each axis. */
    private Steps steps(Extents extents) {
      return switch (this) {
        case FRAME_MAJOR -> new Steps(extents.tokensOfFrame(), extents.width(), 1);
        case PLACE_MAJOR -> new Steps(1, extents.frames() * extents.width(), extents.frames());
      };
    }

    /** Where a token lies in this order. */
    public int index(Extents extents, VideoPlace token) {
      Steps steps = steps(extents);
      return token.frame() * steps.frame + token.row() * steps.row + token.column() * steps.column;
    }
  }

  private record Steps(int frame, int row, int column) {
    /** The smallest distance of any difference on the three axes. */
    long nearest(Span frames, Span rows, Span columns) {
      boolean framesInnermost = frame == 1;
      Span middle = framesInnermost ? columns : frames;
      int middleStep = framesInnermost ? column : frame;
      Span inner = framesInnermost ? frames : columns;
      long nearest = Long.MAX_VALUE;
      for (int byRow = rows.first(); byRow < rows.end(); byRow++) {
        for (int byMiddle = middle.first(); byMiddle < middle.end(); byMiddle++) {
          long base = (long) byRow * row + (long) byMiddle * middleStep;
          long least = base + inner.first();
          long most = base + inner.last();
          nearest = Math.min(nearest, least > 0 ? least : Math.max(0, -most));
        }
      }
      return nearest;
    }
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    Steps steps = order.steps(video.extents());
    return keys ->
        (firstFrame && keys.frames().first() == 0)
            || steps.nearest(
                    queries.frames().minus(keys.frames()),
                    queries.height().minus(keys.height()),
                    queries.width().minus(keys.width()))
                <= reach.count();
  }

  @Override
  public String label() {
    return "%s±%s%s"
        .formatted(
            switch (order) {
              case FRAME_MAJOR -> "spatial";
              case PLACE_MAJOR -> "temporal";
            },
            reach,
            firstFrame ? "+f0" : "");
  }
}
