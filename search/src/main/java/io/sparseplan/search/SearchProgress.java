package io.sparseplan.search;

import java.util.OptionalDouble;

/** Is told how far a search has come. */
@FunctionalInterface
public interface SearchProgress {
  SearchProgress NONE = (fraction, bestLoss) -> {};

  /**
   * @param fraction of the search that is done, 0..1, never falling
   * @param bestLoss of the plans found so far that keep to the goal
   */
  void at(double fraction, OptionalDouble bestLoss);
}
