package io.sparseplan.plans.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.geometry.Tokens;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RopeTest {
  private static final RopeScaling.Llama3 LLAMA3 = new RopeScaling.Llama3(8, 1, 4, Tokens.of(8192));

  @Test
  void everyScalingIsWrittenToJsonAndReadBack() {
    for (RopeScaling scaling :
        List.of(new RopeScaling.None(), new RopeScaling.Linear(2.5), LLAMA3)) {
      var rope = new Rope(500_000, 0.75, scaling);
      String json = JsonFile.mapper().writeValueAsString(rope);
      assertThat(JsonFile.mapper().readValue(json, Rope.class)).as(json).isEqualTo(rope);
    }
  }

  @Test
  void llama3KeepsShortWavelengthsStretchesLongOnesAndBlendsBetween() {
    assertThat(LLAMA3.scaled(frequency(2047))).isEqualTo(frequency(2047));
    assertThat(LLAMA3.scaled(frequency(8193))).isEqualTo(frequency(8193) / 8);
    // 8192 ÷ 3276.8 = 2.5 is half way from 1 to 4.
    assertThat((double) LLAMA3.scaled(frequency(3276.8)))
        .isCloseTo(frequency(3276.8) * (0.5 + 0.5 / 8), within(1e-9));
  }

  @Test
  void llama3NeverRaisesAFrequencyNorPutsTwoInAnotherOrder() {
    float previous = Float.MAX_VALUE;
    for (double wavelength = 6; wavelength < 100_000; wavelength *= 1.01) {
      float scaled = LLAMA3.scaled(frequency(wavelength));
      assertThat(scaled).isLessThan(previous).isLessThanOrEqualTo(frequency(wavelength));
      previous = scaled;
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1.0001, Double.NaN})
  void aShareOfAHeadIsAboveZeroAndAtMostOne(double fraction) {
    assertThatThrownBy(() -> new Rope(10_000, fraction, new RopeScaling.None()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partial_rotary_factor (" + fraction + ")");
  }

  private static float frequency(double wavelength) {
    return (float) (2 * Math.PI / wavelength);
  }
}
