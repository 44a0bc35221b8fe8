package io.sparseplan.costmodel;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.HeadDim;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Picks the measured kernel shape that is nearest to what is asked, and says how far it is. */
final class ShapeChoice {
  private ShapeChoice() {}

  /** The nearest tile by ratio, and among the shapes of that tile the nearest head_dim by ratio. */
  static PricedShape nearest(
      DeviceTable table, HeadDim headDim, TileSize tile, Visibility visibility) {
    KernelShape shape = nearest(table.shapes(), headDim, tile);
    return new PricedShape(
        shape.compiledFor(visibility), warning(table.name(), shape, headDim, tile, visibility));
  }

  private static KernelShape nearest(List<KernelShape> shapes, HeadDim headDim, TileSize tile) {
    return shapes.stream()
        .min(
            Comparator.<KernelShape>comparingDouble(
                    shape -> logRatio(shape.tile().tokens(), tile.tokens()))
                .thenComparingDouble(shape -> logRatio(shape.headDim().count(), headDim.count())))
        .orElseThrow();
  }

  private static Optional<String> warning(
      String table, KernelShape shape, HeadDim headDim, TileSize tile, Visibility visibility) {
    boolean measured = shape.headDim().equals(headDim) && shape.tile().equals(tile);
    if (!measured) {
      return Optional.of(
          ("The device table %s has no measurements of head_dim %d with tiles of %d tokens; times"
                  + " are those of head_dim %d with tiles of %d tokens.")
              .formatted(
                  table,
                  headDim.count(),
                  tile.tokens(),
                  shape.headDim().count(),
                  shape.tile().tokens()));
    }
    if (shape.evidenceFor(visibility).isEmpty()) {
      return Optional.of(
          ("The device table %s has no %s measurements of head_dim %d with tiles of %d tokens; its"
                  + " constants come from the other visibility.")
              .formatted(
                  table,
                  visibility.name().toLowerCase(Locale.ROOT),
                  headDim.count(),
                  tile.tokens()));
    }
    return Optional.empty();
  }

  private static double logRatio(int measured, int asked) {
    return Math.abs(Math.log((double) measured / asked));
  }
}
