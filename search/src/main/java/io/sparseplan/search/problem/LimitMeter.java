package io.sparseplan.search.problem;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

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
  private final double[] candidateParts;
  private final Optional<ToDoubleFunction<int[]>> sharedParts;

  /**
   * @param candidateParts what a candidate uses up in one head whatever the time
   * @param sharedParts what a layer's candidates use up together, where that may be more
   */
  private LimitMeter(
      Limit limit,
      double[] partsPerMicro,
      double[] candidateParts,
      Optional<ToDoubleFunction<int[]>> sharedParts) {
    this.limit = limit;
    this.partsPerMicro = partsPerMicro;
    this.candidateParts = candidateParts;
    this.sharedParts = sharedParts;
  }

  /**
   * @param lengths of the workload
   * @param weights how often each length occurs
   * @throws BadInputException if the limit is for a length that the workload has not
   */
  public static LimitMeter of(
      Limit limit, List<Tokens> lengths, double[] weights, ModelHeads heads, LayerPrices prices) {
    return switch (limit) {
      case Limit.MaxTime(double ratio) ->
          ofTime(limit, weights, ratio * denseMicros(weights, heads, prices), prices);
      case Limit.MaxMillis(double millis) -> ofTime(limit, weights, 1000 * millis, prices);
      case Limit.MaxTimeAt(Tokens length, double ratio) -> {
        int n = indexOf(length, lengths);
        double micros = ratio * heads.layers() * prices.denseLayerMicros(n);
        yield ofTime(limit, alone(n, lengths), micros, prices);
      }
      case Limit.MaxMillisAt(Tokens length, double millis) ->
          ofTime(limit, alone(indexOf(length, lengths), lengths), 1000 * millis, prices);
      case Limit.MaxDensity(double ratio) -> ofDensity(limit, weights, ratio, heads, prices);
      case Limit.MaxKv(Tokens length, double ratio) ->
          ofCache(limit, indexOf(length, lengths), ratio, heads, prices);
      case Limit.MaxReads(Tokens length, double ratio) -> {
        int n = indexOf(length, lengths);
        yield ofShares(
            limit,
            ratio,
            heads,
            prices,
            candidate -> prices.leastReadRatio(n, candidate),
            prices.readsAddUp()
                ? Optional.empty()
                : Optional.of(layer -> prices.readRatio(n, layer)));
      }
      case Limit.MaxKvBytes(Tokens length, long bytes) -> {
        int n = indexOf(length, lengths);
        double ratio = bytes / (heads.layers() * prices.denseCacheBytes(n));
        yield ofCache(limit, n, ratio, heads, prices);
      }
    };
  }

  private static int indexOf(Tokens length, List<Tokens> lengths) {
    int n = lengths.indexOf(length);
    if (n < 0) {
      throw new BadInputException(
          "The goal limits length %s; the workload has lengths %s.".formatted(length, lengths),
          "limit one of those, or add that length to the workload.");
    }
    return n;
  }

  private static double denseMicros(double[] weights, ModelHeads heads, LayerPrices prices) {
    double dense = 0;
    for (int n = 0; n < weights.length; n++) {
      dense += weights[n] * heads.layers() * prices.denseLayerMicros(n);
    }
    return dense;
  }

  private static double[] alone(int lengthIndex, List<Tokens> lengths) {
    double[] weights = new double[lengths.size()];
    weights[lengthIndex] = 1;
    return weights;
  }

  private static LimitMeter ofTime(
      Limit limit, double[] weights, double micros, LayerPrices prices) {
    return new LimitMeter(
        limit,
        Arrays.stream(weights).map(weight -> PARTS * weight / micros).toArray(),
        new double[prices.candidates()],
        Optional.empty());
  }

  private static LimitMeter ofDensity(
      Limit limit, double[] weights, double ratio, ModelHeads heads, LayerPrices prices) {
    double allWeights = Arrays.stream(weights).sum();
    double[] parts = new double[prices.candidates()];
    for (int candidate = 0; candidate < parts.length; candidate++) {
      double mean = 0;
      for (int n = 0; n < weights.length; n++) {
        mean += weights[n] * prices.density(n, candidate);
      }
      parts[candidate] = PARTS * mean / (allWeights * heads.count() * ratio);
    }
    return new LimitMeter(limit, new double[weights.length], parts, Optional.empty());
  }

  private static LimitMeter ofCache(
      Limit limit, int lengthIndex, double ratio, ModelHeads heads, LayerPrices prices) {
    return ofShares(
        limit,
        ratio,
        heads,
        prices,
        candidate -> prices.leastCacheRatio(lengthIndex, candidate),
        prices.cacheAddsUp()
            ? Optional.empty()
            : Optional.of(layer -> prices.cacheRatio(lengthIndex, layer)));
  }

  /**
   * @param leastOfHead what a candidate adds at least to its layer's share of dense
   * @param ofLayer a layer's share of dense, where it is not the sum of those
   */
  private static LimitMeter ofShares(
      Limit limit,
      double ratio,
      ModelHeads heads,
      LayerPrices prices,
      IntToDoubleFunction leastOfHead,
      Optional<ToDoubleFunction<int[]>> ofLayer) {
    double partsOfLayer = PARTS / (heads.layers() * ratio);
    double[] parts = new double[prices.candidates()];
    Arrays.setAll(parts, candidate -> partsOfLayer * leastOfHead.applyAsDouble(candidate));
    return new LimitMeter(
        limit,
        new double[prices.lengths()],
        parts,
        ofLayer.map(share -> layer -> partsOfLayer * share.applyAsDouble(layer)));
  }

  public Limit limit() {
    return limit;
  }

  /** Parts that a microsecond of one layer at this length uses up. */
  public double partsPerMicro(int lengthIndex) {
    return partsPerMicro[lengthIndex];
  }

  /** Parts that a candidate uses up in one head at least, whatever the time. */
  public double candidateParts(int candidate) {
    return candidateParts[candidate];
  }

  /** Whether it is of what the layers hold in their cache, or read of it. */
  public boolean isOfCache() {
    return switch (limit) {
      case Limit.MaxKv _, Limit.MaxKvBytes _, Limit.MaxReads _ -> true;
      case Limit.MaxTime _,
          Limit.MaxTimeAt _,
          Limit.MaxMillis _,
          Limit.MaxMillisAt _,
          Limit.MaxDensity _ ->
          false;
    };
  }

  /** Whether the time at this length counts. */
  public boolean readsTime(int lengthIndex) {
    return partsPerMicro[lengthIndex] > 0;
  }

  /** Whether a layer may use up more than its heads do at least. */
  public boolean isMoreThanItsHeads() {
    return sharedParts.isPresent() || Arrays.stream(partsPerMicro).anyMatch(parts -> parts > 0);
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
    if (sharedParts.isPresent()) {
      parts += sharedParts.get().applyAsDouble(candidateOfHead);
    } else {
      for (int candidate : candidateOfHead) {
        parts += candidateParts[candidate];
      }
    }
    return Math.round(Math.min(MOST_PARTS, parts));
  }

  /** What one head uses up at least, in a layer whose work is spread evenly. Rounded down. */
  public long leastParts(LayerPrices prices, int candidate) {
    double parts = candidateParts[candidate];
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

  /** What a plan that uses so many parts has, in the unit of {@link Limit#most}. */
  public double used(long parts) {
    return (double) parts / PARTS * limit.most();
  }
}
