package io.sparseplan.plans.profile;

/**
 * What a head's candidates do to the profile's objective L, to first order: ⟨∂L/∂O, O_c − O⟩ of
 * each row, summed over the rows of one prompt in three ways, in nats. Each array has one element
 * for each candidate.
 *
 * @param absolute Σ |⟨·⟩|
 * @param rowRms √Σ ⟨·⟩²
 * @param signed Σ ⟨·⟩, for diagnosis: a search would feed on its noise
 */
public record FirstOrderLoss(float[] absolute, float[] rowRms, float[] signed) {
  public FirstOrderLoss {
    if (absolute.length != rowRms.length || absolute.length != signed.length) {
      throw new IllegalArgumentException(
          "The first-order losses are of %d, %d and %d candidates."
              .formatted(absolute.length, rowRms.length, signed.length));
    }
    requireLosses("absolute", absolute);
    requireLosses("rowRms", rowRms);
    for (float change : signed) {
      if (!Float.isFinite(change)) {
        throw new IllegalArgumentException("The signed (%s) is not finite.".formatted(change));
      }
    }
  }

  private static void requireLosses(String name, float[] values) {
    for (float value : values) {
      if (!(value >= 0 && Float.isFinite(value))) {
        throw new IllegalArgumentException("The %s (%s) is not >= 0.".formatted(name, value));
      }
    }
  }
}
