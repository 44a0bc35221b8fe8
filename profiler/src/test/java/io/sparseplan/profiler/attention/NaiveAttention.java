package io.sparseplan.profiler.attention;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.TokenMask;
import io.sparseplan.profiler.kernel.Activations;
import java.util.BitSet;

/** Attention written from its definition, in double, one score after the other. */
public final class NaiveAttention {
  private final AttentionShape shape;
  private final Rope rope;
  private final AttentionReach reach;
  private final Activations q;
  private final Activations k;
  private final Activations v;

  /** Rotated when first asked for, by head and token. */
  private final double[][] queries;

  private final double[][] keys;

  public NaiveAttention(
      AttentionShape shape, Rope rope, Activations q, Activations k, Activations v) {
    this(shape, rope, new AttentionReach.Everything(), q, k, v);
  }

  public NaiveAttention(
      AttentionShape shape,
      Rope rope,
      AttentionReach reach,
      Activations q,
      Activations k,
      Activations v) {
    this.shape = shape;
    this.rope = rope;
    this.reach = reach;
    this.q = q;
    this.k = k;
    this.v = v;
    this.queries = new double[shape.queryHeads().count() * q.tokens()][];
    this.keys = new double[shape.kvHeads().count() * k.tokens()][];
  }

  /**
   * Softmax weights of one row over all keys; those that the pattern or the reach hides are zero,
   * and where that is all, all are.
   */
  public double[] weights(int head, int query, FixedPattern pattern, TileGrid grid) {
    return weights(head, query, new TokenMask(pattern, grid).visibleKeys(query));
  }

  /** The same over given keys. */
  public double[] weights(int head, int query, BitSet visible) {
    double[] weights = new double[k.tokens()];
    double sum = 0;
    for (int key = reach.firstKey(query); key < weights.length; key++) {
      if (visible.get(key)) {
        weights[key] = Math.exp(score(head, query, key));
        sum += weights[key];
      }
    }
    for (int key = 0; key < weights.length && sum > 0; key++) {
      weights[key] /= sum;
    }
    return weights;
  }

  int headDim() {
    return shape.headDim().count();
  }

  /** q·k ÷ √headDim, whether or not the query sees the key. */
  double score(int head, int query, int key) {
    int kvHead = head / shape.groupSize();
    double[] rotatedQuery = queries[head * q.tokens() + query];
    if (rotatedQuery == null) {
      rotatedQuery = rotated(q, query, head);
      queries[head * q.tokens() + query] = rotatedQuery;
    }
    double[] rotatedKey = keys[kvHead * k.tokens() + key];
    if (rotatedKey == null) {
      rotatedKey = rotated(k, key, kvHead);
      keys[kvHead * k.tokens() + key] = rotatedKey;
    }
    double score = 0;
    for (int d = 0; d < rotatedQuery.length; d++) {
      score += rotatedQuery[d] * rotatedKey[d];
    }
    return score / Math.sqrt(rotatedQuery.length);
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

  /** ∂L/∂A of one row: ⟨∂L/∂O, V⟩ with every key. */
  public double[] weightGradients(int head, int query, Activations outputGradient) {
    int headDim = shape.headDim().count();
    double[] gradients = new double[v.tokens()];
    int from = outputGradient.at(query) + head * headDim;
    for (int key = 0; key < gradients.length; key++) {
      int at = v.at(key) + head / shape.groupSize() * headDim;
      for (int d = 0; d < headDim; d++) {
        gradients[key] += (double) outputGradient.data()[from + d] * v.data()[at + d];
      }
    }
    return gradients;
  }

  /** ⟨∂L/∂O, other − output⟩ of one row. */
  public double dotWithGradient(
      int head, int query, Activations outputGradient, double[] other, double[] output) {
    int from = outputGradient.at(query) + head * output.length;
    double sum = 0;
    for (int d = 0; d < output.length; d++) {
      sum += outputGradient.data()[from + d] * (other[d] - output[d]);
    }
    return sum;
  }

  /** The rotated query of one head. */
  public double[] query(int head, int token) {
    return rotated(q, token, head);
  }

  /** The rotated key that a query head reads. */
  public double[] key(int head, int token) {
    return rotated(k, token, head / shape.groupSize());
  }

  /** The value that a query head reads. */
  double[] value(int head, int token) {
    double[] value = new double[shape.headDim().count()];
    int at = v.at(token) + head / shape.groupSize() * value.length;
    for (int d = 0; d < value.length; d++) {
      value[d] = v.data()[at + d];
    }
    return value;
  }

  private double[] rotated(Activations source, int token, int head) {
    int headDim = shape.headDim().count();
    int rotary = rope.rotaryElements(shape.headDim());
    int half = rotary / 2;
    int at = source.at(token) + head * headDim;
    double[] rotated = new double[headDim];
    for (int i = 0; i < half; i++) {
      // Float32 where transformers rounds.
      float angle =
          token * rope.scaling().scaled((float) Math.pow(rope.theta(), -2.0 * i / rotary));
      double x = source.data()[at + i];
      double y = source.data()[at + half + i];
      rotated[i] = x * Math.cos(angle) - y * Math.sin(angle);
      rotated[half + i] = y * Math.cos(angle) + x * Math.sin(angle);
    }
    for (int i = rotary; i < headDim; i++) {
      rotated[i] = source.data()[at + i];
    }
    return rotated;
  }
}
