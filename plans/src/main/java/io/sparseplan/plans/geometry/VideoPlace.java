package io.sparseplan.plans.geometry;

/** The coordinates of one token of a video, from 0. */
public record VideoPlace(int frame, int row, int column) {
  /** Along one axis. */
  public int along(Axis axis) {
    return switch (axis) {
      case FRAMES -> frame;
      case HEIGHT -> row;
      case WIDTH -> column;
    };
  }
}
