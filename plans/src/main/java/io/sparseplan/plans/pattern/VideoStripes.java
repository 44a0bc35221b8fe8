package io.sparseplan.plans.pattern;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.geometry.Span;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.VideoBox;
import io.sparseplan.plans.geometry.VideoLayout;
import io.sparseplan.plans.geometry.VideoPlace;
import java.util.function.Predicate;

/**
 * Columns of keys that every query sees, at a stride in the order frame by frame: Sparse-vDiT's
 * vertical-stripe mode (arXiv 2506.03065). A stride of a frame's tokens is the same place in every
 * frame, and a stride of the whole video is one run of tokens.
 *
 * <p>Rounded up to whole tiles.
 *
 * @param width of a column, in tokens, at least 1 and at most the stride
 * @param stride from the start of a column to the start of the next
 * @param offset where the first column starts, less than the stride
 */
public record VideoStripes(
    @JsonProperty("columnTokens") Tokens width,
    @JsonProperty("strideTokens") Tokens stride,
    @JsonProperty("offsetTokens") Tokens offset)
    implements VideoPattern {
  public VideoStripes {
    if (width.count() < 1 || width.count() > stride.count()) {
      throw new IllegalArgumentException(
          "The columnTokens (%s) must be in 1..strideTokens (%s).".formatted(width, stride));
    }
    if (offset.count() >= stride.count()) {
      throw new IllegalArgumentException(
          "The offsetTokens (%s) must be less than strideTokens (%s).".formatted(offset, stride));
    }
  }

  @Override
  public Predicate<VideoBox> seenBy(VideoLayout video, VideoBox queries) {
    return keys -> {
      Span columns = keys.width();
      for (int frame = keys.frames().first(); frame < keys.frames().end(); frame++) {
        for (int row = keys.height().first(); row < keys.height().end(); row++) {
          int first = video.frameMajor(new VideoPlace(frame, row, columns.first()));
          if (meetsColumn(first, first + columns.last() - columns.first())) {
            return true;
          }
        }
      }
      return false;
    };
  }

  /** Whether a column starts at or before the last key and ends after the first. */
  private boolean meetsColumn(int first, int last) {
    if (last < offset.count()) {
      return false;
    }
    int lastColumn = (last - offset.count()) / stride.count() * stride.count() + offset.count();
    return lastColumn + width.count() > first;
  }

  @Override
  public String label() {
    return "stripes%s/%s%s".formatted(width, stride, offset.count() > 0 ? "@" + offset : "");
  }
}
