package io.sparseplan.search.layers;

import java.util.Arrays;

/**
 * Tuples of one layer that are looked at together: each head has one of its options from low to
 * high, both included.
 *
 * @param options what low, high and favourite are ranks of
 * @param favourite the tuple that would be best if the layer's work were spread evenly
 * @param bound no tuple of the box has a lower priced value
 */
record Box(LayerOptions options, int[] low, int[] high, int[] favourite, double bound)
    implements Comparable<Box> {
  boolean isSingle() {
    return Arrays.equals(low, high);
  }

  /** The same tuples, of which more is known. */
  Box withBoundOfAtLeast(double known) {
    return new Box(options, low, high, favourite, Math.max(bound, known));
  }

  @Override
  public int compareTo(Box other) {
    return Double.compare(bound, other.bound);
  }
}
