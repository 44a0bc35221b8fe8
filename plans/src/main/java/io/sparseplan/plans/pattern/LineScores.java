package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * How much softmax weight the last queries of a prompt put on each column and on each diagonal of
 * one head: what {@link VerticalSlash} picks by.
 *
 * @param columns Σ over the last {@link VerticalSlash#LAST_QUERIES} queries of their weight on a
 *     key, {@code [key]}, in queries
 * @param diagonals the same on the key at a distance before each query, {@code [distance]}
 */
public record LineScores(TileGrid grid, float[] columns, float[] diagonals) {
  public LineScores {
    int tokens = grid.length().count();
    if (columns.length != tokens || diagonals.length != tokens) {
      throw new IllegalArgumentException(
          "There are scores of %d columns and %d diagonals; the grid has %d tokens."
              .formatted(columns.length, diagonals.length, tokens));
    }
  }
}
