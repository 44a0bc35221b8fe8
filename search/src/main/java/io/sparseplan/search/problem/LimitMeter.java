package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import java.util.List;

/**
 * How much of one limit of the goal a plan uses up, in whole parts of which the limit is 2^40.
 * Whole parts add up the same in any order, so a score kept up to date equals one from scratch.
 *
 * <p>A limit counts as kept up to one part in 2^30 (about a billionth): more than all rounding, so
 * that a dense plan keeps to a ratio of 1.
 */
public final class LimitMeter {
  private static final long PARTS = 1L << 40;

  /** Parts of a limit that a plan may use. */
  public static final long CAPACITY = PARTS + (PARTS >> 30);

  /** No layer needs more to break a limit, and no sum of so many overflows. */
  private static final double MOST_PARTS = 0x1p46;

  /** Covers the rounding of the prices and of the sums here. */
  private static final double DOWN = 1 - 1e-12;

  private final Limit limit;
  private final double[] partsPerMicro;
  private final double[] densityParts;

  private LimitMeter(Limit limit, double[] partsPerMicro, double[] densityParts) {
    this.limit = limit;
    this.partsPerMicro = partsPerMicro;
    this.densityParts = densityParts;
  }

  /**
   * @param lengths of the workload
   * @param weights how often each length occurs
   * @throws BadInputException if the limit is for a length that the workload has not
   */
  public static LimitMeter of(
      Limit limit, List<Tokens> lengths, double[] weights, ModelHeads heads, LayerPrices prices) {
    double[] partsPerMicro = new double[weights.length];
    double[] densityParts = new double[prices.candidates()];
    switch (limit) {
      case Limit.MaxTime(double ratio) -> {
        double dense = 0;
        for (int n = 0; n < weights.length; n++) {
          dense += weights[n] * heads.layers() * prices.denseLayerMicros(n);
        }
        for (int n = 0; n < weights.length; n++) {
          partsPerMicro[n] = PARTS * weights[n] / (dense * ratio);
        }
      }
      case Limit.MaxTimeAt(Tokens length, double ratio) -> {
        int n = lengths.indexOf(length);
        if (n < 0) {
          throw new BadInputException(
              "The goal limits the time at length %s; the workload has lengths %s."
                  .formatted(length, lengths),
              "limit one of those, or add that length to the workload.");
        }
        partsPerMicro[n] = PARTS / (heads.layers() * prices.denseLayerMicros(n) * ratio);
      }
      case Limit.MaxDensity(double ratio) -> {
        double allWeights = 0;
        for (double weight : weights) {
          allWeights += weight;
        }
        for (int candidate = 0; candidate < densityParts.length; candidate++) {
          double mean = 0;
          for (int n = 0; n < weights.length; n++) {
            mean += weights[n] * prices.density(n, candidate);
          }
          densityParts[candidate] = PARTS * mean / (allWeights * heads.count() * ratio);
        }
      }
    }
    return new LimitMeter(limit, partsPerMicro, densityParts);
  }

  public Limit limit() {
    return limit;
  }

  /** Parts that a microsecond of one layer at this length uses up. */
  public double partsPerMicro(int lengthIndex) {
    return partsPerMicro[lengthIndex];
  }

  /** Parts that a candidate's density uses up in one head. */
  public double densityParts(int candidate) {
    return densityParts[candidate];
  }

  /** Whether the time at this length counts. */
  public boolean readsTime(int lengthIndex) {
    return partsPerMicro[lengthIndex] > 0;
  }

  /** Whether any time counts. */
  public boolean readsTime() {
    for (double parts : partsPerMicro) {
      if (parts > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * What one layer uses up.
   *
   * @param microsByLength the layer's time; only read where {@link #readsTime}
   */
  public long layerParts(double[] microsByLength, int[] candidateOfHead) {
    double parts = 0;
    for (int n = 0; n < partsPerMicro.length; n++) {
      parts += partsPerMicro[n] * microsByLength[n];
    }
    for (int candidate : candidateOfHead) {
      parts += densityParts[candidate];
    }
    return Math.round(Math.min(MOST_PARTS, parts));
  }

  /** What one head uses up at least, in a layer whose work is spread evenly. Rounded down. */
  public long leastParts(LayerPrices prices, int candidate) {
    double parts = densityParts[candidate];
    for (int n = 0; n < partsPerMicro.length; n++) {
      parts += partsPerMicro[n] * prices.headWorkMicros(n, candidate);
    }
    return (long) Math.floor(Math.min(MOST_PARTS, parts * DOWN));
  }

  /**
   * What the least parts of all heads may sum to: no plan within the limit has more. The launches
   * are taken off, and half a part of rounding in each layer is put on.
   */
  public long leastPartsCapacity(LayerPrices prices, ModelHeads heads) {
    double launches = 0;
    for (double parts : partsPerMicro) {
      launches += parts * heads.layers() * prices.launchMicros();
    }
    return CAPACITY + heads.layers() - (long) Math.floor(launches * DOWN);
  }

  /** The ratio to dense of a plan that uses so many parts. */
  public double ratio(long parts) {
    return (double) parts / PARTS * limit.ratio();
  }
}
