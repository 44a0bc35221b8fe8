package io.sparseplan.profiler.attention;

import static io.sparseplan.profiler.kernel.MicroKernel.LANES;

import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionReach;
import io.sparseplan.plans.pattern.HeadVectors;
import io.sparseplan.plans.pattern.PermutedTiles;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.kernel.FloatLanes;
import io.sparseplan.profiler.kernel.LaneSum;
import java.util.Arrays;
import java.util.function.IntPredicate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention of one head over the tiles of another order of its tokens, row by row: a softmax with a
 * running maximum for each query, over all that it reads. Exact to the token: tiles are those of
 * the rule's order, and within one a query sees what it may.
 */
public final class PermutedAttention {
  private static final VectorSpecies<Float> SPECIES = FloatLanes.SPECIES;

  private final HeadVectors head;
  private final AttentionReach reach;
  private final double[] max;
  private final double[] sum;
  private final double[] kept;
  private final float[][] output;

  private PermutedAttention(HeadVectors head, AttentionReach reach) {
    int tokens = head.queries().length;
    this.head = head;
    this.reach = reach;
    max = new double[tokens];
    sum = new double[tokens];
    kept = new double[tokens];
    output = new float[tokens][head.values()[0].length];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  /**
   * Runs the head.
   *
   * @param reach keys beyond it are hidden, whatever tiles hold them
   */
  public static PermutedAttention of(HeadVectors head, PermutedTiles tiles, AttentionReach reach) {
    var attention = new PermutedAttention(head, reach);
    for (PermutedTiles.Read read : tiles.reads()) {
      for (int query : read.queries()) {
        for (int[] keys : read.keyTiles()) {
          attention.absorb(query, keys, read.weight());
        }
      }
    }
    attention.divide();
    return attention;
  }

  /** Whether the query may see the key, where its tiles hold it. */
  public boolean sees(int query, int key) {
    return (head.grid().visibility() == Visibility.BIDIRECTIONAL || key <= query)
        && key >= reach.firstKey(query);
  }

  private void absorb(int query, int[] keys, double weight) {
    double scale = 1 / Math.sqrt(head.queries()[query].length);
    for (int key : keys) {
      if (sees(query, key)) {
        double score = scale * dot(head.queries()[query], head.keys()[key]);
        if (score > max[query]) {
          shrink(query, Math.exp(max[query] - score));
          max[query] = score;
        }
        double exponential = Math.exp(score - max[query]);
        kept[query] += exponential;
        sum[query] += weight * exponential;
        add(output[query], (float) (weight * exponential), head.values()[key]);
      }
    }
  }

  private void shrink(int query, double factor) {
    kept[query] *= factor;
    sum[query] *= factor;
    for (int d = 0; d < output[query].length; d++) {
      output[query][d] *= (float) factor;
    }
  }

  private void divide() {
    for (int query = 0; query < sum.length; query++) {
      for (int d = 0; d < output[query].length && sum[query] > 0; d++) {
        output[query][d] /= (float) sum[query];
      }
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    int bound = FloatLanes.bound(a.length);
    for (int first = 0; first < FloatLanes.WIDEST; first += LANES) {
      FloatVector lanes = FloatVector.zero(SPECIES);
      for (int d = first; d < bound; d += FloatLanes.WIDEST) {
        lanes =
            FloatVector.fromArray(SPECIES, a, d).fma(FloatVector.fromArray(SPECIES, b, d), lanes);
      }
      sum = LaneSum.add(sum, lanes);
    }
    for (int d = bound; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }

  private static void add(float[] into, float factor, float[] value) {
    for (int d = 0; d < into.length; d++) {
      into[d] += factor * value[d];
    }
  }

  /** What a row comes to, of headDim floats; zeros where it sees nothing. */
  public float[] output(int query) {
    return output[query];
  }

  /** log Σ e^score of what the row read, each key once; −∞ where it read nothing. */
  public double logKept(int query) {
    return max[query] + Math.log(kept[query]);
  }

  /** Writes the rows that the predicate takes. */
  void store(int headNumber, IntPredicate takes, AttentionOutput into) {
    Activations o = into.o();
    Activations logSumExp = into.logSumExp();
    for (int query = 0; query < sum.length; query++) {
      if (takes.test(query)) {
        int at = o.at(query) + headNumber * output[query].length;
        System.arraycopy(output[query], 0, o.data(), at, output[query].length);
        logSumExp.data()[logSumExp.at(query) + headNumber] =
            sum[query] == 0
                ? QueryPanel.LEAST
                : (float) ((max[query] + Math.log(sum[query])) / Math.log(2));
      }
    }
  }
}
