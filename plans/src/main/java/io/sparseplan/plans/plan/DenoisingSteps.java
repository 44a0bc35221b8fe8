package io.sparseplan.plans.plan;

import io.sparseplan.plans.BadInputException;

/**
 * The denoising steps of a video model, and which of them stay dense: its first steps decide what
 * is in the picture, and sparse attention there shows (Sliding Tile Attention keeps 12 or 15 of 50
 * dense, Radial Attention 12; its users found that dense last steps help too).
 */
public record DenoisingSteps(int count, DenseFirst first, DenseLast last) {
  /** So many steps from the first on. */
  public record DenseFirst(int steps) {}

  /** So many steps up to the last. */
  public record DenseLast(int steps) {}

  public DenoisingSteps {
    if (count < 1 || first.steps < 0 || last.steps < 0 || (long) first.steps + last.steps > count) {
      throw new BadInputException(
          "Of %d denoising steps the first %d and the last %d cannot stay dense."
              .formatted(count, first.steps, last.steps),
          "give --steps 50 --dense-steps first=15,last=1, with numbers that fit.");
    }
  }

  /** Whether the step is one of those that stay dense. */
  public boolean isDense(int step) {
    return step < first.steps || step >= count - last.steps;
  }
}
