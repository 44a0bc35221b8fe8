package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.NeighborhoodAxis;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Dilation;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Length;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Stride;
import io.sparseplan.plans.geometry.NeighborhoodAxis.Window;
import io.sparseplan.plans.geometry.Visibility;

/**
 * The window of a {@link Neighborhood} on one axis; {@link NeighborhoodAxis} says what it means.
 *
 * @param window keys that a query sees; on a shorter axis it sees all
 * @param stride neighbouring queries that share a window, at most the window
 * @param dilation distance between neighbouring keys of the window
 * @param causal whether no query sees a later coordinate
 */
public record AxisWindow(Window window, Stride stride, Dilation dilation, boolean causal) {
  public AxisWindow {
    if (stride.queries() > window.keys()) {
      throw new IllegalArgumentException(
          "The stride (%d) must be at most the window (%d)."
              .formatted(stride.queries(), window.keys()));
    }
  }

  /** A window about each query. */
  public static AxisWindow of(int keys) {
    return new AxisWindow(new Window(keys), new Stride(1), Dilation.NONE, false);
  }

  /** On an axis of this length, cut to it where it is larger. */
  public NeighborhoodAxis on(int length) {
    int gaps = Math.min(dilation.coordinates(), length);
    int keys = Math.min(window.keys(), length / gaps);
    return new NeighborhoodAxis(
        new Length(length),
        new Window(keys),
        new Stride(Math.min(stride.queries(), keys)),
        new Dilation(gaps),
        causal ? Visibility.CAUSAL : Visibility.BIDIRECTIONAL);
  }

  /** Such as {@code 24}, {@code 24/8} with a stride, {@code 4*11} with a dilation. */
  String text() {
    return window.keys()
        + (stride.queries() > 1 ? "/" + stride.queries() : "")
        + (dilation.coordinates() > 1 ? "*" + dilation.coordinates() : "")
        + (causal ? "c" : "");
  }
}
