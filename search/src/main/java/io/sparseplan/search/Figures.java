package io.sparseplan.search;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as the sentences of a plan show them. */
final class Figures {
  private Figures() {}

  /** A share 0..1 in percent, to two significant digits, or more where it is close to 100 %. */
  static String percent(double share) {
    double percent = share * 100;
    return percent >= 10 ? String.format(Locale.ROOT, "%.1f %%", percent) : shortly(percent) + " %";
  }

  /** By how much longer or less something takes. */
  static String change(double micros) {
    return String.format(
        Locale.ROOT, "%.1f µs %s", Math.abs(micros), micros < 0 ? "less" : "longer");
  }

  /** Two significant digits, without an exponent. */
  static String shortly(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(2, RoundingMode.HALF_EVEN));
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }
}
