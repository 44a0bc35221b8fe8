package io.sparseplan.plans.geometry;

/** An axis of a video. */
public enum Axis {
  /** Time. */
  FRAMES,
  /** Rows of a frame, from top to bottom. */
  HEIGHT,
  /** Tokens of a row, from left to right. */
  WIDTH
}
