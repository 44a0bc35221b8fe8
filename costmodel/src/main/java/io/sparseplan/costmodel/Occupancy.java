package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * How many thread blocks of a kernel the GPU runs at once.
 *
 * @param multiprocessors of the GPU (its SMs)
 * @param blocksEach blocks that one multiprocessor holds: 1, or up to 4 that share it
 * @param aloneSpeedup how many times faster a block visits its tiles while all other places on its
 *     multiprocessor are empty; 1..blocksEach. It is less than blocksEach, because several blocks
 *     together get more out of a multiprocessor than one
 */
public record Occupancy(int multiprocessors, int blocksEach, double aloneSpeedup) {
  /** The most multiprocessors of a GPU. */
  public static final int MOST_MULTIPROCESSORS = 1024;

  /** The most blocks of a multiprocessor. */
  public static final int MOST_BLOCKS_EACH = 4;

  public Occupancy {
    if (multiprocessors < 1 || multiprocessors > MOST_MULTIPROCESSORS) {
      throw new IllegalArgumentException(
          "The multiprocessors (%d) must be in 1..%d."
              .formatted(multiprocessors, MOST_MULTIPROCESSORS));
    }
    if (blocksEach < 1 || blocksEach > MOST_BLOCKS_EACH) {
      throw new IllegalArgumentException(
          "The blocksEach (%d) multiprocessor must be in 1..%d."
              .formatted(blocksEach, MOST_BLOCKS_EACH));
    }
    if (!(aloneSpeedup >= 1 && aloneSpeedup <= blocksEach)) {
      throw new IllegalArgumentException(
          "The aloneSpeedup (%s) must be in 1..%d, the blocks of a multiprocessor."
              .formatted(aloneSpeedup, blocksEach));
    }
  }

  /** One block on each multiprocessor. */
  public static Occupancy single(int multiprocessors) {
    return new Occupancy(multiprocessors, 1, 1);
  }

  /** Two blocks on each multiprocessor, either of which would run faster without the other. */
  public static Occupancy paired(int multiprocessors, double aloneSpeedup) {
    return new Occupancy(multiprocessors, 2, aloneSpeedup);
  }

  /** The same places with another speed-up. */
  public Occupancy withAloneSpeedup(double speedup) {
    return new Occupancy(multiprocessors, blocksEach, speedup);
  }

  /**
   * How many times faster each of some blocks on one multiprocessor runs than with every place
   * taken: aloneSpeedup to the power log(blocksEach ÷ taken) ÷ log(blocksEach), which is {@code
   * aloneSpeedup} for one block, 1 for all of them, and in proportion between.
   *
   * @param taken places, 1..blocksEach
   */
  double speedup(int taken) {
    return taken == blocksEach
        ? 1
        : Math.pow(aloneSpeedup, Math.log((double) blocksEach / taken) / Math.log(blocksEach));
  }

  /** Blocks that run at once. */
  @JsonIgnore
  public int slots() {
    return multiprocessors * blocksEach;
  }
}
