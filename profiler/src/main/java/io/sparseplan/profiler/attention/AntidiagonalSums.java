package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.PanelSplit;
import java.util.Arrays;

/**
 * XAttention's estimate of a head's blocks (arXiv 2503.16428, §3.1, and its code with norm 1).
 *
 * <p>Queries and keys are taken in groups of S, the stride. The score of a pair of groups is the
 * sum over one antidiagonal of its S × S scores, ÷ S: one product of vectors of S · head_dim, with
 * the queries of a group in reverse. A softmax over the groups of keys up to the query's own,
 * summed by block, is the estimate. It costs one S-th of Q·Kᵀ. Tokens after the last are zeros;
 * tiles beyond the layer's reach are left out.
 *
 * <p>One worker's memory, O(tokens · head_dim).
 */
public final class AntidiagonalSums {
  private static final int USUAL_STRIDE = 16;

  private final TileGrid grid;
  private final int headDim;
  private final int groupSize;
  private final int stride;
  private final int groups;
  private final int depth;
  private final PanelSplit split;
  private final float[] keys;
  private final float[] queries;
  private final float[] scores;
  private final float[] rotated;
  private final float[] row;

  /**
   * @param stride S, which divides the tile
   * @throws BadInputException if it does not
   */
  public AntidiagonalSums(TileGrid grid, AttentionShape shape, int stride) {
    if (grid.tile().tokens() % stride != 0) {
      throw new BadInputException(
          "The stride (%d) of antidiagonal sums does not divide the tile (%d tokens)."
              .formatted(stride, grid.tile().tokens()),
          "take a stride of 4, 8 or 16, or another tile.");
    }
    this.grid = grid;
    this.stride = stride;
    headDim = shape.headDim().count();
    groupSize = shape.groupSize();
    groups = Math.ceilDiv(grid.length().count(), stride);
    depth = stride * headDim;
    split = PanelSplit.of(groups);
    keys = new float[Math.multiplyExact(split.paddedRows(), depth)];
    queries = new float[depth * WIDTH];
    scores = new float[split.paddedRows() * WIDTH];
    rotated = new float[headDim];
    row = new float[depth];
  }

  /** XAttention's stride, 16, or the largest that divides both it and the tile. */
  public static int usualStride(TileGrid grid) {
    return Math.min(USUAL_STRIDE, Integer.lowestOneBit(grid.tile().tokens()));
  }

  /** Tokens of a group. */
  public int stride() {
    return stride;
  }

  /**
   * The estimate, {@code [query tile][key tile ≤ query tile]}; rows sum to the tile's groups.
   *
   * @param keyValues the packed layer
   * @param q its query projections before rotation, {@code [token][head · headDim]}
   */
  public double[][] of(PackedKeyValues keyValues, Activations q, RotaryTable rotary, int head) {
    double[][] estimate = new double[grid.tiles()][];
    Arrays.setAll(estimate, queryTile -> new double[queryTile + 1]);
    loadKeys(keyValues, head / groupSize);
    for (int from = 0; from < groups; from += WIDTH) {
      int end = Math.min(from + WIDTH, groups);
      loadQueries(q, rotary, head, from, end);
      split.multiply(keys, 0, depth, queries, depth, scores, end, false);
      for (int group = from; group < end; group++) {
        addShares(keyValues, group, group - from, estimate);
      }
    }
    return estimate;
  }

  private void loadKeys(PackedKeyValues keyValues, int kvHead) {
    for (int group = 0; group < groups; group++) {
      for (int nth = 0; nth < stride; nth++) {
        int token = group * stride + nth;
        if (token < grid.length().count()) {
          keyValues.copyKey(kvHead, token, rotated);
        } else {
          Arrays.fill(rotated, 0);
        }
        System.arraycopy(rotated, 0, row, nth * headDim, headDim);
      }
      split.putRow(keys, depth, group, 0, row, 0, depth);
    }
  }

  private void loadQueries(Activations q, RotaryTable rotary, int head, int from, int end) {
    float scale = (float) (Exp2.LOG2_E / (Math.sqrt(headDim) * stride));
    for (int group = from; group < end; group++) {
      for (int nth = 0; nth < stride; nth++) {
        rotateQuery(q, rotary, group * stride + stride - 1 - nth, head);
        for (int d = 0; d < headDim; d++) {
          queries[(nth * headDim + d) * WIDTH + group - from] = rotated[d] * scale;
        }
      }
    }
  }

  private void rotateQuery(Activations q, RotaryTable rotary, int token, int head) {
    if (token < grid.length().count()) {
      rotary.rotate(token, q.data(), q.at(token) + head * headDim, rotated);
    } else {
      Arrays.fill(rotated, 0);
    }
  }

  private void addShares(PackedKeyValues keyValues, int queryGroup, int lane, double[][] estimate) {
    int groupsOfTile = grid.tile().tokens() / stride;
    int queryTile = queryGroup / groupsOfTile;
    int firstTile = 0;
    while (keyValues.hides(firstTile, queryTile)) {
      firstTile++;
    }
    int first = firstTile * groupsOfTile;
    float max = Float.NEGATIVE_INFINITY;
    for (int group = first; group <= queryGroup; group++) {
      max = Math.max(max, scores[group * WIDTH + lane]);
    }
    double sum = 0;
    for (int group = first; group <= queryGroup; group++) {
      double weight = Math.exp((scores[group * WIDTH + lane] - max) / Exp2.LOG2_E);
      scores[group * WIDTH + lane] = (float) weight;
      sum += weight;
    }
    for (int group = first; group <= queryGroup; group++) {
      estimate[queryTile][group / groupsOfTile] += scores[group * WIDTH + lane] / sum;
    }
  }
}
