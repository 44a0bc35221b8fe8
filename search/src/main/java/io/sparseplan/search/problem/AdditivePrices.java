package io.sparseplan.search.problem;

/**
 * The same prices for a device whose layers take exactly the launch and the evenly spread work of
 * their heads: what peers assume, and what makes the separable bound exact.
 */
public record AdditivePrices(LayerPrices prices) implements LayerPrices {
  @Override
  public int lengths() {
    return prices.lengths();
  }

  @Override
  public int candidates() {
    return prices.candidates();
  }

  @Override
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    double micros = launchMicros();
    for (int candidate : candidateOfHead) {
      micros += headWorkMicros(lengthIndex, candidate);
    }
    return micros;
  }

  @Override
  public double denseLayerMicros(int lengthIndex) {
    return prices.denseLayerMicros(lengthIndex);
  }

  @Override
  public double headWorkMicros(int lengthIndex, int candidate) {
    return prices.headWorkMicros(lengthIndex, candidate);
  }

  @Override
  public double launchMicros() {
    return prices.launchMicros();
  }

  @Override
  public boolean neverSlower(int candidate, int other) {
    return prices.neverSlower(candidate, other);
  }

  @Override
  public double leastMicros(int lengthIndex, int[] candidateOfHead) {
    return layerMicros(lengthIndex, candidateOfHead);
  }

  @Override
  public boolean isMonotone() {
    return true;
  }

  @Override
  public double cacheRatio(int lengthIndex, int[] candidateOfHead) {
    return prices.cacheRatio(lengthIndex, candidateOfHead);
  }

  @Override
  public double leastCacheRatio(int lengthIndex, int candidate) {
    return prices.leastCacheRatio(lengthIndex, candidate);
  }

  @Override
  public boolean cacheAddsUp() {
    return prices.cacheAddsUp();
  }

  @Override
  public double denseCacheBytes(int lengthIndex) {
    return prices.denseCacheBytes(lengthIndex);
  }

  @Override
  public double readRatio(int lengthIndex, int[] candidateOfHead) {
    return prices.readRatio(lengthIndex, candidateOfHead);
  }

  @Override
  public double leastReadRatio(int lengthIndex, int candidate) {
    return prices.leastReadRatio(lengthIndex, candidate);
  }

  @Override
  public boolean readsAddUp() {
    return prices.readsAddUp();
  }

  @Override
  public double density(int lengthIndex, int candidate) {
    return prices.density(lengthIndex, candidate);
  }
}
