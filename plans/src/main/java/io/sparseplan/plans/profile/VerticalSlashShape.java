package io.sparseplan.plans.profile;

/**
 * How the weights of the last {@value LAST_QUERIES} queries lie in columns (verticals) and along
 * diagonals (slashes, one for each distance between query and key), as MInference estimates them
 * (arXiv 2407.02490, §3.2 and algorithm 1).
 *
 * @param verticals the fewest columns that hold {@value MASS_SHARE} of the weight: what FlexPrefill
 *     would keep at that γ (arXiv 2502.20766, algorithm 2)
 * @param slashes the fewest diagonals, likewise
 * @param slashBlocks mean over all blocks of {@value BLOCK_TOKENS} queries of the blocks of as many
 *     keys that the slashes cost once near ones are merged into ranges, as MInference's index does.
 *     Scattered slashes cost up to a block each, contiguous ones a 64th of that
 */
public record VerticalSlashShape(int verticals, int slashes, float slashBlocks) {
  /** The queries that vote. */
  public static final int LAST_QUERIES = 64;

  /** The weight that the counted columns, or diagonals, hold. */
  public static final double MASS_SHARE = 0.9;

  /** The side of a block of MInference's kernel. */
  public static final int BLOCK_TOKENS = 64;

  public VerticalSlashShape {
    if (verticals < 1 || slashes < 1) {
      throw new IllegalArgumentException(
          "The verticals (%d) and the slashes (%d) must be positive."
              .formatted(verticals, slashes));
    }
    if (!(slashBlocks > 0 && Float.isFinite(slashBlocks))) {
      throw new IllegalArgumentException(
          "The slashBlocks (%s) are not > 0.".formatted(slashBlocks));
    }
  }

  /** Blocks that the slashes cost ÷ the least that so many could cost; 1 if they are contiguous. */
  public double scatter() {
    return slashBlocks * BLOCK_TOKENS / slashes;
  }
}
