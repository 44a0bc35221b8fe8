package io.sparseplan.costmodel.measured;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonRandomTest {
  /** The first three of {@code random.Random(seed).random()} in CPython 3.11. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.8444218515250481, 0.7579544029403025, 0.420571580830845",
    "1, 0.13436424411240122, 0.8474337369372327, 0.763774618976614",
    "42, 0.6394267984578837, 0.025010755222666936, 0.27502931836911926",
    "7000026, 0.09794904092985135, 0.7223205606792615, 0.5870215135879245",
    "4294967296, 0.11299430095636409, 0.41782886486292836, 0.0166763664992291",
    "4294967297, 0.2309331037176915, 0.5124118614342635, 0.4145826832477072",
    "123456789012345, 0.6744750084019356, 0.2923275784421222, 0.22484093741322975"
  })
  void drawsWhatCPythonDraws(long seed, double first, double second, double third) {
    PythonRandom random = PythonRandom.seeded(seed);
    assertThat(random.nextDouble()).isEqualTo(first);
    assertThat(random.nextDouble()).isEqualTo(second);
    assertThat(random.nextDouble()).isEqualTo(third);
  }
}
