package io.sparseplan.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void percentHasOneDecimalOrTwoDigits() {
    assertThat(Figures.percent(0.9714)).isEqualTo("97.1 %");
    assertThat(Figures.percent(1)).isEqualTo("100.0 %");
    assertThat(Figures.percent(0.01834)).isEqualTo("1.8 %");
    assertThat(Figures.percent(0.000123)).isEqualTo("0.012 %");
    assertThat(Figures.percent(0)).isEqualTo("0 %");
  }

  @Test
  void shortFiguresHaveTwoDigitsAndNoExponent() {
    assertThat(Figures.shortly(0.00412)).isEqualTo("0.0041");
    assertThat(Figures.shortly(1e-7)).isEqualTo("0.0000001");
    assertThat(Figures.shortly(12.6)).isEqualTo("13");
    assertThat(Figures.shortly(0)).isEqualTo("0");
  }

  @Test
  void aChangeOfTimeSaysItsDirection() {
    assertThat(Figures.change(12.34)).isEqualTo("12.3 µs longer");
    assertThat(Figures.change(-0.26)).isEqualTo("0.3 µs less");
  }
}
