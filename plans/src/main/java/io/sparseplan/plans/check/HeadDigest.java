package io.sparseplan.plans.check;

import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.profile.HeadStatistics;

/**
 * What one head did on one prompt, in a few numbers.
 *
 * @param kept share of the softmax weight that the plan's pattern keeps, 0..1
 * @param loss predicted loss of the plan's pattern, in the unit of the plan's statistic
 * @param entropyBits as in {@link HeadStatistics}
 * @param sinkMass likewise
 * @param massByDistance likewise; shares that sum to one
 */
public record HeadDigest(
    float kept, double loss, float entropyBits, float sinkMass, float[] massByDistance) {
  public HeadDigest {
    requireFinite("kept", kept);
    requireFinite("loss", loss);
    requireFinite("entropyBits", entropyBits);
    requireFinite("sinkMass", sinkMass);
    massByDistance = massByDistance.clone();
    for (float mass : massByDistance) {
      requireFinite("massByDistance", mass);
    }
  }

  private static void requireFinite(String name, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException("The %s (%s) is not >= 0.".formatted(name, value));
    }
  }

  /**
   * @param candidate the place of the plan's {@link Pattern} among those that were scored
   */
  static HeadDigest of(HeadStatistics head, int candidate, double loss) {
    return new HeadDigest(
        head.recall()[candidate], loss, head.entropyBits(), head.sinkMass(), head.massByDistance());
  }

  /**
   * How much of the softmax weight went to other keys, mean over rows: the larger of two lower
   * bounds, the total variation between the weights by distance, and the change of the weight on
   * the first tile.
   */
  double movedFrom(HeadDigest before) {
    double variation = 0;
    for (int bin = 0; bin < Math.max(massByDistance.length, before.massByDistance.length); bin++) {
      variation += Math.abs(massAt(bin) - before.massAt(bin)) / 2;
    }
    return Math.max(variation, Math.abs((double) sinkMass - before.sinkMass));
  }

  private double massAt(int bin) {
    return bin < massByDistance.length ? massByDistance[bin] : 0;
  }
}
