package io.sparseplan.plans.profile;

/**
 * How well sums along antidiagonals find a head's heavy blocks, as XAttention relies on (arXiv
 * 2503.16428, §3.1): a block is a (query tile, key tile), estimated from every stride-th score.
 *
 * @param threshold the τ with which XAttention's calibration would have this head keep, in every
 *     query tile, the blocks that hold {@value MASS_SHARE} of the true weight, 0..1. XAttention
 *     takes the largest over prompts
 * @param recall share of the true weight in the blocks that the estimate selects at τ = {@value
 *     MASS_SHARE}, 0..1
 * @param density selected blocks ÷ visible blocks, 0..1
 */
public record AntidiagonalEstimate(float threshold, float recall, float density) {
  /** The weight to keep, and the τ at which recall and density are measured. */
  public static final double MASS_SHARE = 0.9;

  public AntidiagonalEstimate {
    requireShare("threshold", threshold);
    requireShare("recall", recall);
    requireShare("density", density);
  }

  private static void requireShare(String name, float value) {
    if (!(value >= 0 && value <= 1.001f)) {
      throw new IllegalArgumentException("The %s (%s) is not in 0..1.".formatted(name, value));
    }
  }
}
