package io.sparseplan.search.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FixedPointTest {
  @Test
  void keepsTheTotalBelowFiftyTwoBitsAndIsFineEnough() {
    for (double total : new double[] {0, 1e-300, 1e-9, 1, 4095, 4096, 1e9, 1e300}) {
      FixedPoint unit = FixedPoint.forTotal(total);
      assertThat(total / unit.unit()).isLessThan(0x1p52);
      assertThat(unit.unit() == 0x1p-40 || total / unit.unit() >= 0x1p50).isTrue();
    }
  }

  @Test
  void roundsTheWayItSaysAndBackExactly() {
    FixedPoint unit = FixedPoint.forTotal(1000);
    var random = new SplittableRandom(2);
    for (int i = 0; i < 1000; i++) {
      double value = random.nextDouble(1000);
      assertThat(unit.value(unit.down(value))).isLessThanOrEqualTo(value);
      assertThat(unit.value(unit.up(value))).isGreaterThanOrEqualTo(value);
      assertThat(unit.up(value) - unit.down(value)).isLessThanOrEqualTo(1);
      assertThat(unit.nearest(value)).isBetween(unit.down(value), unit.up(value));
      assertThat(unit.down(unit.value(i))).isEqualTo(i);
    }
  }

  @Test
  void refusesAUnitThatIsNoPowerOfTwo() {
    assertThatThrownBy(() -> new FixedPoint(0.1)).hasMessageContaining("0.1");
    assertThatThrownBy(() -> new FixedPoint(0)).hasMessageContaining("0.0");
  }
}
