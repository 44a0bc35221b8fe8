package io.sparseplan.plans.geometry;

/** The integers {@code first..end − 1}, at least one. */
public record Span(int first, int end) {
  public Span {
    if (first >= end) {
      throw new IllegalArgumentException("The span %d..%d is empty.".formatted(first, end - 1));
    }
  }

  /** The last of them. */
  public int last() {
    return end - 1;
  }

  /** All differences of one of these less one of the others. */
  public Span minus(Span others) {
    return new Span(first - others.last(), last() - others.first + 1);
  }

  /** The smallest absolute value of any of them. */
  public int nearestToZero() {
    return first > 0 ? first : Math.max(0, -last());
  }

  /** The largest absolute value of any of them. */
  public int farthestFromZero() {
    return Math.max(Math.abs(first), Math.abs(last()));
  }
}
