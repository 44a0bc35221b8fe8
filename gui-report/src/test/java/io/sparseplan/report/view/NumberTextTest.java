package io.sparseplan.report.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextTest {
  @ParameterizedTest
  @CsvSource({"0.5, 0.50", "1, 1.00", "0.083333, 0.083", "12.345, 12.35", "0.1, 0.10"})
  void aRatioHasTwoDecimalsOrThreeBelowATenth(double ratio, String text) {
    assertThat(NumberText.ratio(ratio)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.50", "0.333, 0.333", "1, 1.00", "2, 2.00", "0.05, 0.05"})
  void aLimitIsWrittenAsItWasGiven(double limit, String text) {
    assertThat(NumberText.limit(limit)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.48, 0.48", "0.5, 0.5012, 0.501", "0.5, 0.49999, 0.49999", "0.5, 0.5, 0.50"})
  void aRatioShowsOnWhichSideOfItsLimitItLies(double limit, double ratio, String text) {
    assertThat(NumberText.against(limit, ratio)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.021449, 0.0214",
    "12.345, 12.3",
    "999.4, 999",
    "999.6, '1,000'",
    "100000, '100,000'",
    "-0.5, -0.500",
    "0.09996, 0.100",
    "0.0000213, 2.1e-5",
    "2e-12, 2.0e-12",
    "5, 5.00"
  })
  void aFigureHasThreeSignificantDigits(double value, String text) {
    assertThat(NumberText.significant(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.0021, +0.00210", "-0.0003, −0.000300", "0, ±0"})
  void aChangeHasASign(double value, String text) {
    assertThat(NumberText.signed(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 100 %",
    "0, 0 %",
    "0.96296, 96 %",
    "0.996, 99.6 %",
    "0.99951, 99.95 %",
    "0.0041, 0.4 %",
    "0.00001, under 0.01 %",
    "0.99999, over 99.99 %"
  })
  void aShareIsNeverRoundedToAllOrNothing(double share, String text) {
    assertThat(NumberText.percent(share)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 2.0× faster",
    "0.05, 20× faster",
    "0.95, 1.05× faster",
    "1.001, as fast",
    "1.06, 1.06× slower",
    "3, 3.0× slower"
  })
  void aRatioOfTimesSaysHowMuchFaster(double ratio, String text) {
    assertThat(NumberText.speedUp(ratio)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"flex_attention, flex_attention dense", "flash dense, flash dense"})
  void aBaselineSaysThatItIsDense(String kernel, String text) {
    assertThat(NumberText.dense(kernel)).isEqualTo(text);
  }

  @Test
  void theReadersLocaleChangesNothing() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(NumberText.ratio(0.5) + NumberText.count(2048)).isEqualTo("0.502,048");
    } finally {
      Locale.setDefault(before);
    }
  }
}
