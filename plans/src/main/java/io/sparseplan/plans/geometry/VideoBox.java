package io.sparseplan.plans.geometry;

/** All tokens of a video whose coordinates are in a span on every axis. */
public record VideoBox(Span frames, Span height, Span width) {
  /** Along one axis. */
  public Span along(Axis axis) {
    return switch (axis) {
      case FRAMES -> frames;
      case HEIGHT -> height;
      case WIDTH -> width;
    };
  }
}
