package io.sparseplan.profiler.traits;

import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.profiler.attention.RotaryTable;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.Exp2;
import io.sparseplan.profiler.kernel.PanelSplit;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;
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
 * <p>S is 16, or what divides both 16 and the tile. One worker's memory, O(tokens · head_dim).
 */
final class AntidiagonalSums {
  private static final int MOST_STRIDE = 16;

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

  AntidiagonalSums(TileGrid grid, AttentionShape shape) {
    this.grid = grid;
    headDim = shape.headDim().count();
    groupSize = shape.groupSize();
    stride = stride(grid.tile().tokens());
    groups = Math.ceilDiv(grid.length().count(), stride);
    depth = stride * headDim;
    split = PanelSplit.of(groups);
    keys = new float[Math.multiplyExact(split.paddedRows(), depth)];
    queries = new float[depth * WIDTH];
    scores = new float[split.paddedRows() * WIDTH];
    rotated = new float[headDim];
    row = new float[depth];
  }

  /** The largest divisor of the tile that also divides 16. */
  private static int stride(int tile) {
    return Math.min(MOST_STRIDE, Integer.lowestOneBit(tile));
  }

  /** The estimate, {@code [query tile][key tile ≤ query tile]}; rows sum to the tile's groups. */
  double[][] of(LayerAttention layer, int head) {
    double[][] estimate = new double[grid.tiles()][];
    Arrays.setAll(estimate, queryTile -> new double[queryTile + 1]);
    loadKeys(layer, head / groupSize);
    for (int from = 0; from < groups; from += WIDTH) {
      int end = Math.min(from + WIDTH, groups);
      loadQueries(layer, head, from, end);
      split.multiply(keys, 0, depth, queries, depth, scores, end, false);
      for (int group = from; group < end; group++) {
        addShares(layer, group, group - from, estimate);
      }
    }
    return estimate;
  }

  private void loadKeys(LayerAttention layer, int kvHead) {
    for (int group = 0; group < groups; group++) {
      for (int nth = 0; nth < stride; nth++) {
        rotateInto(layer.k(), layer.rotary(), group * stride + nth, kvHead);
        System.arraycopy(rotated, 0, row, nth * headDim, headDim);
      }
      split.putRow(keys, depth, group, 0, row, 0, depth);
    }
  }

  private void loadQueries(LayerAttention layer, int head, int from, int end) {
    float scale = (float) (Exp2.LOG2_E / (Math.sqrt(headDim) * stride));
    for (int group = from; group < end; group++) {
      for (int nth = 0; nth < stride; nth++) {
        rotateInto(layer.q(), layer.rotary(), group * stride + stride - 1 - nth, head);
        for (int d = 0; d < headDim; d++) {
          queries[(nth * headDim + d) * WIDTH + group - from] = rotated[d] * scale;
        }
      }
    }
  }

  private void rotateInto(Activations source, RotaryTable rotary, int token, int head) {
    if (token < grid.length().count()) {
      rotary.rotate(token, source.data(), source.at(token) + head * headDim, rotated);
    } else {
      Arrays.fill(rotated, 0);
    }
  }

  private void addShares(LayerAttention layer, int queryGroup, int lane, double[][] estimate) {
    int groupsOfTile = grid.tile().tokens() / stride;
    int queryTile = queryGroup / groupsOfTile;
    int firstTile = 0;
    while (layer.keyValues().hides(firstTile, queryTile)) {
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
