package io.sparseplan.plans.pattern;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * The vectors of one head, rotated where the model rotates them: what rules read that look at
 * single tokens, such as {@link HierarchicalTopK}'s representatives or {@link SampledBand}'s rows.
 *
 * @param queries {@code [token][headDim]}
 * @param keys likewise, of the key-value head that the head reads
 * @param values likewise
 */
public record HeadVectors(TileGrid grid, float[][] queries, float[][] keys, float[][] values) {
  public HeadVectors {
    int tokens = grid.length().count();
    if (queries.length != tokens || keys.length != tokens || values.length != tokens) {
      throw new IllegalArgumentException(
          "There are %d queries, %d keys and %d values; the grid has %d tokens."
              .formatted(queries.length, keys.length, values.length, tokens));
    }
  }

  /** q·k, not scaled. */
  double product(int query, int key) {
    return dot(queries[query], keys[key]);
  }

  /** q·k ÷ √headDim: the logarithm of a weight before the softmax. */
  public double score(int query, int key) {
    return product(query, key) / Math.sqrt(queries[query].length);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }
}
