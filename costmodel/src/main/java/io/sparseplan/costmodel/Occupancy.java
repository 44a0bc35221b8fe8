package io.sparseplan.costmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * How many thread blocks of a kernel the GPU runs at once.
 *
 * @param multiprocessors of the GPU (its SMs)
 * @param blocksEach blocks that one multiprocessor holds: 1, or 2 that share it
 * @param aloneSpeedup how many times faster a block runs while the other place on its
 *     multiprocessor is empty; 1..2, and 1 where there is no other place. It is less than 2,
 *     because two blocks together get more out of a multiprocessor than one
 */
public record Occupancy(int multiprocessors, int blocksEach, double aloneSpeedup) {
  /** The most multiprocessors of a GPU. */
  public static final int MOST_MULTIPROCESSORS = 1024;

  public Occupancy {
    if (multiprocessors < 1 || multiprocessors > MOST_MULTIPROCESSORS) {
      throw new IllegalArgumentException(
          "The multiprocessors (%d) must be in 1..%d."
              .formatted(multiprocessors, MOST_MULTIPROCESSORS));
    }
    if (blocksEach < 1 || blocksEach > 2) {
      throw new IllegalArgumentException(
          "The blocksEach (%d) multiprocessor must be 1 or 2.".formatted(blocksEach));
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

  /** Blocks that run at once. */
  @JsonIgnore
  public int slots() {
    return multiprocessors * blocksEach;
  }
}
