package io.sparseplan.search.problem;

/**
 * What the layers of a model cost on a device, at each length of a workload. All layers are alike.
 * Pure: the same question has the same answer.
 */
public interface LayerPrices {
  int lengths();

  int candidates();

  /**
   * The time of one layer in microseconds.
   *
   * @param candidateOfHead the candidate of each head of the layer
   */
  double layerMicros(int lengthIndex, int[] candidateOfHead);

  /** The time of one layer in microseconds, run dense by the same kernel. */
  double denseLayerMicros(int lengthIndex);

  /**
   * A head's share of a layer's time if its work were spread evenly. A layer never takes less than
   * {@link #launchMicros} and these of all its heads, short of rounding.
   */
  double headWorkMicros(int lengthIndex, int candidate);

  /** What a layer costs whatever its heads run. */
  double launchMicros();

  /**
   * Whether, at every length, each thread block of the candidate takes at most as long as the same
   * block of the other.
   */
  boolean neverSlower(int candidate, int other);

  /**
   * A time in microseconds that every layer needs to whose heads these candidates are {@link
   * #neverSlower}.
   */
  double leastMicros(int lengthIndex, int[] candidateOfHead);

  /** Whether {@link #leastMicros} is {@link #layerMicros}: shorter blocks never cost time. */
  boolean isMonotone();

  /**
   * Bytes of keys and values that a layer holds once the prompts are read ÷ those that it holds
   * dense, 0..1.
   */
  double cacheRatio(int lengthIndex, int[] candidateOfHead);

  /** What one head adds to that at least; exactly, where the {@link #cacheAddsUp}. */
  double leastCacheRatio(int lengthIndex, int candidate);

  /** Whether a layer holds exactly what its heads do: none shares keys with another. */
  boolean cacheAddsUp();

  /** Bytes of keys and values that a layer holds dense, of all prompts of the batch. */
  double denseCacheBytes(int lengthIndex);

  /**
   * Bytes that a step of decoding reads of a layer's cache, and reads and writes to choose them, ÷
   * those that it reads dense.
   */
  double readRatio(int lengthIndex, int[] candidateOfHead);

  /** What one head adds to that at least; exactly, where the {@link #readsAddUp}. */
  double leastReadRatio(int lengthIndex, int candidate);

  /** Whether a layer reads exactly what its heads do. */
  boolean readsAddUp();

  /** Visited tiles ÷ dense tiles. */
  double density(int lengthIndex, int candidate);
}
