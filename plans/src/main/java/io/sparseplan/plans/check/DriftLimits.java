package io.sparseplan.plans.check;

/**
 * From where on a head counts as drifted: past either limit. On a small Llama, weights that each
 * changed by 1 % (σ) move at most 0.006 of a head's weight and 0.07 bits of its entropy; a head
 * behind one that was knocked out, at most 0.026 and 0.31 bits; the knocked-out head itself 0.3 and
 * more, and heads that changed places 1 bit.
 *
 * @param moved share of the softmax weight, 0..1
 * @param entropyBits change of the entropy
 */
public record DriftLimits(double moved, double entropyBits) {
  public static final DriftLimits DEFAULT = new DriftLimits(0.05, 0.5);

  public DriftLimits {
    if (!(moved >= 0 && entropyBits >= 0)) {
      throw new IllegalArgumentException(
          "The drift limits (moved %s, entropyBits %s) are not >= 0."
              .formatted(moved, entropyBits));
    }
  }

  /** Whether the head attends otherwise. */
  public boolean isExceededBy(HeadDrift drift) {
    return drift.moved() > moved || drift.entropyBits() > entropyBits;
  }
}
