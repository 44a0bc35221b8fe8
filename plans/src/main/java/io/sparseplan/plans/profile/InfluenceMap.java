package io.sparseplan.plans.profile;

/**
 * MoA's influence of a head's attention entries on L (arXiv 2406.14909, §4.1.1), pooled as the
 * attention map is: Σ |E| over the entries of a block, with E = −A·(g − Σ_j g_j·A_j) ÷ (1 − A) and
 * g = ∂L/∂A.
 *
 * @param largest the largest block's sum, in nats
 * @param blocks each block's sum in 1/255 of the largest, row after row; 0 above the diagonal
 */
public record InfluenceMap(float largest, byte[] blocks) {
  public InfluenceMap {
    if (!(largest >= 0 && Float.isFinite(largest))) {
      throw new IllegalArgumentException("The largest (%s) is not >= 0.".formatted(largest));
    }
  }

  /** Rounds sums, row after row. */
  public static InfluenceMap of(double[] sums) {
    double largest = 0;
    for (double sum : sums) {
      largest = Math.max(largest, sum);
    }
    byte[] blocks = new byte[sums.length];
    for (int block = 0; block < sums.length && largest > 0; block++) {
      blocks[block] = (byte) Math.round(255 * sums[block] / largest);
    }
    return new InfluenceMap((float) largest, blocks);
  }
}
