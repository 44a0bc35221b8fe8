package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TokenMask;
import io.sparseplan.profiler.kernel.Activations;
import java.util.BitSet;

/** Attention written from its definition, in double, one score after the other. */
public final class NaiveAttention {
  private final AttentionShape shape;
  private final Rope rope;
  private final Activations q;
  private final Activations k;
  private final Activations v;

  public NaiveAttention(
      AttentionShape shape, Rope rope, Activations q, Activations k, Activations v) {
    this.shape = shape;
    this.rope = rope;
    this.q = q;
    this.k = k;
    this.v = v;
  }

  /** Softmax weights of one row over all keys; those that the pattern hides are zero. */
  public double[] weights(int head, int query, Pattern pattern, TileGrid grid) {
    BitSet keys = new TokenMask(pattern, grid).visibleKeys(query);
    double[] rotatedQuery = rotated(q, query, head);
    double[] weights = new double[grid.length().count()];
    double sum = 0;
    for (int key = 0; key < weights.length; key++) {
      if (keys.get(key)) {
        double[] rotatedKey = rotated(k, key, head / shape.groupSize());
        double score = 0;
        for (int d = 0; d < rotatedQuery.length; d++) {
          score += rotatedQuery[d] * rotatedKey[d];
        }
        weights[key] = Math.exp(score / Math.sqrt(rotatedQuery.length));
        sum += weights[key];
      }
    }
    for (int key = 0; key < weights.length; key++) {
      weights[key] /= sum;
    }
    return weights;
  }

  /** The output of one row, from its weights. */
  public double[] output(int head, double[] weights) {
    int headDim = shape.headDim().count();
    double[] output = new double[headDim];
    for (int key = 0; key < weights.length; key++) {
      int at = v.at(key) + head / shape.groupSize() * headDim;
      for (int d = 0; d < headDim; d++) {
        output[d] += weights[key] * v.data()[at + d];
      }
    }
    return output;
  }

  private double[] rotated(Activations source, int token, int head) {
    int headDim = shape.headDim().count();
    int half = headDim / 2;
    int at = source.at(token) + head * headDim;
    double[] rotated = new double[headDim];
    for (int i = 0; i < half; i++) {
      // Float32 at the two places where transformers rounds.
      float angle = token * (float) Math.pow(rope.theta(), -2.0 * i / headDim);
      double x = source.data()[at + i];
      double y = source.data()[at + half + i];
      rotated[i] = x * Math.cos(angle) - y * Math.sin(angle);
      rotated[half + i] = y * Math.cos(angle) + x * Math.sin(angle);
    }
    return rotated;
  }
}
