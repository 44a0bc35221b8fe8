package io.sparseplan.costmodel;

import java.util.Optional;

/**
 * How far predictions are off for launches that they were not fitted to.
 *
 * @param folds of the cross-validation
 * @param rows that were held out once each; 1 or more
 * @param heldOut their errors
 * @param repeats how far measurements of the same launch lie from their mean, as an unbiased
 *     estimate for one of them: what no model can be better than. Empty if no launch was measured
 *     twice
 */
public record Validation(
    int folds, int rows, RelativeError heldOut, Optional<RelativeError> repeats) {
  public Validation {
    if (folds < 2 || rows < folds) {
      throw new IllegalArgumentException(
          "%d folds of %d rows are no cross-validation.".formatted(folds, rows));
    }
  }
}
