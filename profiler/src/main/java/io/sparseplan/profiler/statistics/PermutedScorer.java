package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.pattern.HeadVectors;
import io.sparseplan.plans.pattern.PermutedTiles;
import io.sparseplan.profiler.attention.PermutedAttention;
import io.sparseplan.profiler.kernel.Activations;
import io.sparseplan.profiler.llama.ForwardObserver.LayerAttention;

/**
 * Scores what one head reads of another order of its tokens, against what the layer ran: the head
 * runs once more, and each row is compared. Keys that stand for others count once in what is kept.
 */
final class PermutedScorer {
  /** Above it, 1 − A has few digits of float32 left. */
  private static final double HEAVY = 0.9;

  private final HeadVectors vectors;
  private final PermutedTiles tiles;
  private final PermutedAttention attention;
  private final LayerAttention layer;
  private final int head;
  private final int headDim;

  private PermutedScorer(HeadVectors vectors, PermutedTiles tiles, LayerAttention layer, int head) {
    this.vectors = vectors;
    this.tiles = tiles;
    this.layer = layer;
    this.head = head;
    this.headDim = vectors.queries()[0].length;
    this.attention = PermutedAttention.of(vectors, tiles, layer.keyValues().reach());
  }

  /**
   * @param vectors of the head
   * @param tiles what it reads
   */
  static PermutedScorer of(
      HeadVectors vectors, PermutedTiles tiles, LayerAttention layer, int head) {
    return new PermutedScorer(vectors, tiles, layer, head);
  }

  /** The sums over all rows, as those of the one set. */
  UnitSums sums(Activations outputGradient) {
    int rows = vectors.queries().length;
    var sums = new UnitSums(1, 0, rows);
    for (int query = 0; query < rows; query++) {
      sums.addRow(0);
      double squaredError = 0;
      double change = 0;
      int at = layer.output().o().at(query) + head * headDim;
      int gradientAt = outputGradient.at(query) + head * headDim;
      for (int d = 0; d < headDim; d++) {
        double difference = (double) attention.output(query)[d] - layer.output().o().data()[at + d];
        squaredError += difference * difference;
        change += difference * outputGradient.data()[gradientAt + d];
      }
      double kept = Math.exp(attention.logKept(query) - logSumExp(query));
      sums.addSet(0, query, Math.min(1, kept), squaredError, change);
    }
    return sums;
  }

  private double logSumExp(int query) {
    Activations logSumExp = layer.output().logSumExp();
    return logSumExp.data()[logSumExp.at(query) + head] * Math.log(2);
  }

  /**
   * Σ |E| of MoA's influence (arXiv 2406.14909, §4.1.1) over what is read, with E = −A·(g − Σ_j
   * g_j·A_j) ÷ (1 − A) and g = ∂L/∂A: what is left out has the rest. Weights near 1 are set against
   * the others of their row in double, as float32 leaves few digits to 1 − A.
   */
  double keptInfluence(Activations outputGradient) {
    double sum = 0;
    for (PermutedTiles.Read read : tiles.reads()) {
      for (int query : read.queries()) {
        for (int[] keys : read.keyTiles()) {
          sum += influence(query, keys, outputGradient);
        }
      }
    }
    return sum;
  }

  private double influence(int query, int[] keys, Activations outputGradient) {
    int gradientAt = outputGradient.at(query) + head * headDim;
    int outputAt = layer.output().o().at(query) + head * headDim;
    double mean = dot(outputGradient.data(), gradientAt, layer.output().o().data(), outputAt);
    double logSumExp = logSumExp(query);
    double sum = 0;
    for (int key : keys) {
      if (attention.sees(query, key)) {
        double weight = Math.exp(vectors.score(query, key) - logSumExp);
        sum +=
            weight > HEAVY
                ? heavyInfluence(query, key, outputGradient)
                : Math.abs(weight * (gradient(query, key, outputGradient) - mean) / (1 - weight));
      }
    }
    return sum;
  }

  /** |E| of a weight near 1, by the ratios of the others to it: no difference of large numbers. */
  private double heavyInfluence(int query, int key, Activations outputGradient) {
    double ofKey = gradient(query, key, outputGradient);
    double scoreOfKey = vectors.score(query, key);
    double others = 0;
    double difference = 0;
    for (int other = 0; other < vectors.keys().length; other++) {
      if (other != key && attention.sees(query, other)) {
        double ratio = Math.exp(vectors.score(query, other) - scoreOfKey);
        others += ratio;
        difference += ratio * (ofKey - gradient(query, other, outputGradient));
      }
    }
    return others > 0 ? Math.abs(difference / others) / (1 + others) : 0;
  }

  private double gradient(int query, int key, Activations outputGradient) {
    int at = outputGradient.at(query) + head * headDim;
    return dot(outputGradient.data(), at, vectors.values()[key], 0);
  }

  private double dot(float[] a, int atA, float[] b, int atB) {
    double sum = 0;
    for (int d = 0; d < headDim; d++) {
      sum += (double) a[atA + d] * b[atB + d];
    }
    return sum;
  }
}
