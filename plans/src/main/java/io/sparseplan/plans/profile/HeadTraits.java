package io.sparseplan.plans.profile;

/**
 * What kind of head one head was on one prompt: the statistics by which peers tell heads apart,
 * choose channels and set thresholds. They belong to the head; no candidate is in them.
 *
 * @param copyHits of the prompt's needle tokens, those at which the key with the most weight holds
 *     the token that follows (retrieval heads, arXiv 2404.15574, §2.1); 0..needle tokens
 * @param verticalSlash columns and diagonals of the last queries' weights
 * @param antidiagonal XAttention's estimate of the blocks, against their true weights
 * @param channelProducts for each of head_dim channels c the mean over tokens of |q_c · k_c|, both
 *     of the same token and rotated: the order in which Double Sparsity keeps channels (arXiv
 *     2408.07092, "qk" calibration of its code)
 * @param keptTiles the fewest tiles that hold {@value KeptTiles#MASS_SHARE} of the weight of each
 *     query tile
 */
public record HeadTraits(
    int copyHits,
    VerticalSlashShape verticalSlash,
    AntidiagonalEstimate antidiagonal,
    float[] channelProducts,
    KeptTiles keptTiles) {
  public HeadTraits {
    if (copyHits < 0) {
      throw new IllegalArgumentException("The copyHits (%d) are not >= 0.".formatted(copyHits));
    }
    for (float product : channelProducts) {
      if (!(product >= 0 && Float.isFinite(product))) {
        throw new IllegalArgumentException(
            "The channelProducts (%s) are not >= 0.".formatted(product));
      }
    }
  }
}
