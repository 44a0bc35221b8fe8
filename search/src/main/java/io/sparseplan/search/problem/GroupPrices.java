package io.sparseplan.search.problem;

import java.util.Arrays;

/**
 * The prices of layers whose heads are decided for in groups, from those of query heads. Each head
 * of a group picks its own tiles where the pattern of the group is selected.
 *
 * @param ofGroups what candidates are here
 * @param ofHeads what they are of the prices of query heads
 */
public record GroupPrices(LayerPrices prices, HeadGroups groups, Offers ofGroups, Offers ofHeads)
    implements LayerPrices {
  /** What the heads of a group run, where the group has this offer. */
  private int[] offersOfHeads(int offerOfGroup) {
    int first = ofGroups.firstPlace(offerOfGroup) * groups.groupSize();
    int candidate = ofGroups.candidate(offerOfGroup);
    int[] offers = new int[groups.groupSize()];
    Arrays.setAll(offers, nth -> ofHeads.offer(candidate, first + nth));
    return offers;
  }

  private int[] ofQueryHeads(int[] offerOfGroup) {
    return Arrays.stream(offerOfGroup)
        .flatMap(offer -> Arrays.stream(offersOfHeads(offer)))
        .toArray();
  }

  @Override
  public int lengths() {
    return prices.lengths();
  }

  @Override
  public int candidates() {
    return ofGroups.count(prices.candidates());
  }

  @Override
  public double layerMicros(int lengthIndex, int[] candidateOfHead) {
    return prices.layerMicros(lengthIndex, ofQueryHeads(candidateOfHead));
  }

  @Override
  public double denseLayerMicros(int lengthIndex) {
    return prices.denseLayerMicros(lengthIndex);
  }

  @Override
  public double headWorkMicros(int lengthIndex, int candidate) {
    return Arrays.stream(offersOfHeads(candidate))
        .mapToDouble(offer -> prices.headWorkMicros(lengthIndex, offer))
        .sum();
  }

  @Override
  public double launchMicros() {
    return prices.launchMicros();
  }

  @Override
  public boolean neverSlower(int candidate, int other) {
    int[] offers = offersOfHeads(candidate);
    int[] others = offersOfHeads(other);
    for (int nth = 0; nth < offers.length; nth++) {
      if (!prices.neverSlower(offers[nth], others[nth])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public double leastMicros(int lengthIndex, int[] candidateOfHead) {
    return prices.leastMicros(lengthIndex, ofQueryHeads(candidateOfHead));
  }

  @Override
  public boolean isMonotone() {
    return prices.isMonotone();
  }

  @Override
  public double cacheRatio(int lengthIndex, int[] candidateOfHead) {
    return prices.cacheRatio(lengthIndex, ofQueryHeads(candidateOfHead));
  }

  @Override
  public double leastCacheRatio(int lengthIndex, int candidate) {
    return Arrays.stream(offersOfHeads(candidate))
        .mapToDouble(offer -> prices.leastCacheRatio(lengthIndex, offer))
        .sum();
  }

  /** The heads of a group need the same keys, or all of them. */
  @Override
  public boolean cacheAddsUp() {
    return true;
  }

  @Override
  public double denseCacheBytes(int lengthIndex) {
    return prices.denseCacheBytes(lengthIndex);
  }

  @Override
  public double readRatio(int lengthIndex, int[] candidateOfHead) {
    return prices.readRatio(lengthIndex, ofQueryHeads(candidateOfHead));
  }

  @Override
  public double leastReadRatio(int lengthIndex, int candidate) {
    return Arrays.stream(offersOfHeads(candidate))
        .mapToDouble(offer -> prices.leastReadRatio(lengthIndex, offer))
        .sum();
  }

  /** Heads of a group that choose for themselves read more than one of them. */
  @Override
  public boolean readsAddUp() {
    return prices.readsAddUp();
  }

  @Override
  public double density(int lengthIndex, int candidate) {
    return Arrays.stream(offersOfHeads(candidate))
        .mapToDouble(offer -> prices.density(lengthIndex, offer))
        .average()
        .orElseThrow();
  }
}
