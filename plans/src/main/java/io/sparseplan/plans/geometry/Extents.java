package io.sparseplan.plans.geometry;

/**
 * A box's size along each axis of a video, in tokens, each at least 1; 2³⁰ tokens at most.
 *
 * @param frames along time
 * @param height rows of a frame
 * @param width tokens of a row
 */
public record Extents(int frames, int height, int width) {
  private static final int MOST_TOKENS = 1 << 30;

  public Extents {
    if (frames < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "The extents (%d × %d × %d) must be positive.".formatted(frames, height, width));
    }
    if (Math.multiplyFull(height, width) > MOST_TOKENS / frames) {
      throw new IllegalArgumentException(
          "The extents (%d × %d × %d) have more than %d tokens."
              .formatted(frames, height, width, MOST_TOKENS));
    }
  }

  /** Tokens of the box. */
  public int tokens() {
    return frames * height * width;
  }

  /** Tokens of one frame. */
  public int tokensOfFrame() {
    return height * width;
  }

  /** Along one axis. */
  public int along(Axis axis) {
    return switch (axis) {
      case FRAMES -> frames;
      case HEIGHT -> height;
      case WIDTH -> width;
    };
  }

  /** A box of that size, or as much of it as fits into this one. */
  public Extents atMost(Extents box) {
    return new Extents(
        Math.min(box.frames, frames), Math.min(box.height, height), Math.min(box.width, width));
  }

  /** Such as {@code 18x24x24}. */
  public String text() {
    return frames + "x" + height + "x" + width;
  }
}
