package io.sparseplan.costmodel.measured;

import java.util.random.RandomGenerator;
import org.apache.commons.rng.core.source32.MersenneTwister;

/**
 * CPython's {@code random.Random}: MT19937 seeded by {@code init_by_array} with the 32-bit words of
 * the seed, low word first, and doubles of 53 bits made from two outputs (Modules/_randommodule.c).
 */
final class PythonRandom implements RandomGenerator {
  private final MersenneTwister twister;

  private PythonRandom(MersenneTwister twister) {
    this.twister = twister;
  }

  /**
   * @param seed zero or more
   */
  static PythonRandom seeded(long seed) {
    int low = (int) seed;
    int high = (int) (seed >>> 32);
    return new PythonRandom(
        new MersenneTwister(high == 0 ? new int[] {low} : new int[] {low, high}));
  }

  @Override
  public double nextDouble() {
    int high = twister.nextInt() >>> 5;
    int low = twister.nextInt() >>> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
  }

  @Override
  public long nextLong() {
    return twister.nextLong();
  }
}
