package io.sparseplan.profiler.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Bf16Test {
  @Test
  void everyBf16ComesBackAsItIs() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Bf16.toFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Bf16.of(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void theNearestIsTakenAndOfTwoTheEvenOne() {
    float step = 1 / 128f;
    assertThat(Bf16.toFloat(Bf16.of(1 + 0.49f * step))).isEqualTo(1);
    assertThat(Bf16.toFloat(Bf16.of(1 + 0.51f * step))).isEqualTo(1 + step);
    assertThat(Bf16.toFloat(Bf16.of(1 + 0.5f * step))).isEqualTo(1);
    assertThat(Bf16.toFloat(Bf16.of(1 + 1.5f * step))).isEqualTo(1 + 2 * step);
    assertThat(Bf16.toFloat(Bf16.of(-1 - 1.5f * step))).isEqualTo(-1 - 2 * step);
  }

  @Test
  void nanAndInfinityStay() {
    assertThat(Bf16.toFloat(Bf16.of(Float.NaN))).isNaN();
    assertThat(Bf16.toFloat(Bf16.of(Float.POSITIVE_INFINITY))).isInfinite();
    assertThat(Bf16.toFloat(Bf16.of(Float.MAX_VALUE))).isInfinite();
  }

  @Test
  void roundingIsWithinHalfAStep() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 10_000; i++) {
      float value = (float) random.nextGaussian();
      assertThat(Math.abs(Bf16.toFloat(Bf16.of(value)) - value))
          .isLessThanOrEqualTo(Math.scalb(Math.abs(value), -8));
    }
  }
}
