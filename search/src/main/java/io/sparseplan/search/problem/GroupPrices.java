package io.sparseplan.search.problem;

/** The prices of layers whose heads are decided for in groups, from those of query heads. */
public record GroupPrices(LayerPrices prices, HeadGroups groups) implements LayerPrices {
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
    return prices.layerMicros(lengthIndex, groups.ofQueryHeads(candidateOfHead));
  }

  @Override
  public double denseLayerMicros(int lengthIndex) {
    return prices.denseLayerMicros(lengthIndex);
  }

  @Override
  public double headWorkMicros(int lengthIndex, int candidate) {
    return groups.groupSize() * prices.headWorkMicros(lengthIndex, candidate);
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
    return prices.leastMicros(lengthIndex, groups.ofQueryHeads(candidateOfHead));
  }

  @Override
  public boolean isMonotone() {
    return prices.isMonotone();
  }

  @Override
  public double density(int lengthIndex, int candidate) {
    return prices.density(lengthIndex, candidate);
  }
}
