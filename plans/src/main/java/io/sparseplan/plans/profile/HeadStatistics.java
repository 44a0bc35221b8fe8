package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.TileGrid;

/**
 * What one head did on one prompt. Each array over candidates has one element for each candidate of
 * the profile, in its order.
 *
 * <p>Each component is a tensor of the profile's file ({@link
 * io.sparseplan.plans.safetensors.RecordColumns}): one more component is one more tensor.
 *
 * @param recall mean over query rows of the softmax weight that the candidate keeps, 0..1
 * @param worstDecileRecall recall of the row at the lowest tenth, from a histogram of {@value
 *     RECALL_BINS} bins, 0..1
 * @param outputError ‖O_c − O‖² ÷ ‖O‖² over all rows; O_c is attention re-normalised over the kept
 *     keys
 * @param firstOrder what each candidate does to the profile's objective
 * @param massByDistance share of the softmax weight by distance in tiles between query and key: bin
 *     0 is the query's own tile, bin b ≥ 1 the distances 2^(b−1) .. 2^b − 1
 * @param sinkMass mean over rows of the weight on the first key tile
 * @param entropyBits mean over rows of the entropy of the softmax weights, in bits
 * @param blockMass the attention map pooled to at most 16 × 16: element (i, j) is the mean over the
 *     rows of band i of the weight on the keys of band j, in 1/255, row after row
 * @param influence pooled to the same bands
 * @param droppedInfluence Σ |E| of MoA's influence over the entries that the candidate does not
 *     visit, whole tiles, in nats
 * @param visited what the selected candidates visited
 */
public record HeadStatistics(
    float[] recall,
    float[] worstDecileRecall,
    float[] outputError,
    FirstOrderLoss firstOrder,
    float[] massByDistance,
    float sinkMass,
    float entropyBits,
    byte[] blockMass,
    InfluenceMap influence,
    float[] droppedInfluence,
    VisitedTiles visited) {
  /** Bins of the recall histogram, of equal width over 0..1. */
  public static final int RECALL_BINS = 256;

  /** The side of the largest pooled attention map. */
  public static final int MAX_BLOCK_MASS_SIDE = 16;

  public HeadStatistics {
    requireShares("recall", recall);
    requireShares("worstDecileRecall", worstDecileRecall);
    requireShares("massByDistance", massByDistance);
    requireShares("sinkMass", new float[] {sinkMass});
    if (!(entropyBits >= 0 && Float.isFinite(entropyBits))) {
      throw new IllegalArgumentException(
          "The entropyBits (%s) is not >= 0.".formatted(entropyBits));
    }
    if (influence.blocks().length != blockMass.length) {
      throw new IllegalArgumentException(
          "The influence has %d blocks; the blockMass has %d."
              .formatted(influence.blocks().length, blockMass.length));
    }
    requireLosses("outputError", outputError);
    requireLosses("droppedInfluence", droppedInfluence);
  }

  private static void requireLosses(String name, float[] values) {
    for (float value : values) {
      if (!(value >= 0 && Float.isFinite(value))) {
        throw new IllegalArgumentException("The %s (%s) is not >= 0.".formatted(name, value));
      }
    }
  }

  /**
   * The statistics of some candidates.
   *
   * @param numbers of the candidates to keep
   * @param selected of those that select tiles among them, by their places among all that do
   */
  HeadStatistics withCandidates(int[] numbers, int[] selected, TileGrid grid) {
    return new HeadStatistics(
        pick(recall, numbers),
        pick(worstDecileRecall, numbers),
        pick(outputError, numbers),
        new FirstOrderLoss(
            pick(firstOrder.absolute(), numbers),
            pick(firstOrder.rowRms(), numbers),
            pick(firstOrder.signed(), numbers)),
        massByDistance,
        sinkMass,
        entropyBits,
        blockMass,
        influence,
        pick(droppedInfluence, numbers),
        visited.withCandidates(selected, grid));
  }

  private static float[] pick(float[] values, int[] numbers) {
    float[] picked = new float[numbers.length];
    for (int nth = 0; nth < picked.length; nth++) {
      picked[nth] = values[numbers[nth]];
    }
    return picked;
  }

  private static void requireShares(String name, float[] values) {
    for (float value : values) {
      if (!(value >= 0 && value <= 1.001f)) {
        throw new IllegalArgumentException("The %s (%s) is not in 0..1.".formatted(name, value));
      }
    }
  }
}
