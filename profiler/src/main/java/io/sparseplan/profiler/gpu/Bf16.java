package io.sparseplan.profiler.gpu;

import java.util.random.RandomGenerator;

/** The upper half of a float: 8 bits of exponent and 7 of fraction. */
public final class Bf16 {
  private static final int LOWER_HALF = 16;
  private static final int JUST_BELOW_A_HALF = 0x7fff;

  private Bf16() {}

  /** The nearest bf16, of two equally near ones the even one; NaN stays NaN. */
  public static short of(float value) {
    int bits = Float.floatToIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> LOWER_HALF);
    }
    return (short) ((bits + JUST_BELOW_A_HALF + (bits >>> LOWER_HALF & 1)) >>> LOWER_HALF);
  }

  public static float toFloat(short bf16) {
    return Float.intBitsToFloat(bf16 << LOWER_HALF);
  }

  /** Draws from a normal distribution, each rounded to bf16. */
  public static short[] normal(int count, RandomGenerator random) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = of((float) random.nextGaussian());
    }
    return values;
  }
}
