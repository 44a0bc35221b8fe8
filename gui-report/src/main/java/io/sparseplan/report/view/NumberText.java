package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Plan;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as the page writes them; the scripts' {@code format.js} follows the same rules. */
public final class NumberText {
  private static final double LEAST_PLAIN = 1e-4;
  private static final double LEAST_COUNTED = 999.5;
  private static final double MOST_COUNTED = 1e15;

  private NumberText() {}

  /** A count with thousands: {@code 2,048}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A ratio: {@code 0.50}, {@code 0.083}. */
  static String ratio(double ratio) {
    return String.format(Locale.ROOT, ratio >= 0.1 ? "%.2f" : "%.3f", ratio);
  }

  /** A limit as it was given, with two decimals at least: {@code 0.50}, {@code 0.333}. */
  static String limit(double ratio) {
    BigDecimal exact = BigDecimal.valueOf(ratio).stripTrailingZeros();
    return exact.setScale(Math.max(2, exact.scale()), RoundingMode.UNNECESSARY).toPlainString();
  }

  /** A number as it was given: {@code 1}, {@code 0.25}. */
  static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** A ratio with as many decimals as it takes to see on which side of the limit it lies. */
  static String against(double limit, double ratio) {
    for (int decimals = 2; decimals <= 6; decimals++) {
      String found = String.format(Locale.ROOT, "%." + decimals + "f", ratio);
      String other = String.format(Locale.ROOT, "%." + decimals + "f", limit);
      if (!found.equals(other) || ratio == limit) {
        return found;
      }
    }
    return String.format(Locale.ROOT, "%.6f", ratio);
  }

  /** Three significant digits: {@code 0.0214}, {@code 12.3}, {@code 2.1e-5}. */
  static String significant(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    if (size < LEAST_PLAIN) {
      return String.format(Locale.ROOT, "%.1e", value).replace("e-0", "e-");
    }
    if (size >= MOST_COUNTED) {
      return String.format(Locale.ROOT, "%.1e", value).replace("e+", "e");
    }
    if (size >= LEAST_COUNTED) {
      return count(Math.round(value));
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(3, RoundingMode.HALF_EVEN));
    int decimals = 2 - (rounded.precision() - rounded.scale() - 1);
    return rounded.setScale(decimals, RoundingMode.UNNECESSARY).toPlainString();
  }

  /** Three significant digits with a sign: {@code +0.0021}, {@code −0.0003}. */
  static String signed(double value) {
    if (value == 0) {
      return "±0";
    }
    return (value < 0 ? "−" : "+") + significant(Math.abs(value));
  }

  /** A share in percent: {@code 96 %}, {@code 99.6 %}; never 100 % or 0 % by rounding. */
  static String percent(double share) {
    double percent = share * 100;
    if (percent > 0 && percent < 0.005) {
      return "under 0.01 %";
    }
    if (percent < 100 && percent >= 99.995) {
      return "over 99.99 %";
    }
    double toEdge = Math.min(percent, 100 - percent);
    int decimals = toEdge == 0 || toEdge >= 1 ? 0 : toEdge >= 0.1 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f %%", percent);
  }

  /** How much faster a ratio of times is: {@code 2.0× faster}. */
  static String speedUp(double timeRatio) {
    if (Math.abs(timeRatio - 1) < 0.005) {
      return "as fast";
    }
    double factor = timeRatio < 1 ? 1 / timeRatio : timeRatio;
    String text =
        String.format(Locale.ROOT, factor >= 10 ? "%.0f" : factor < 1.1 ? "%.2f" : "%.1f", factor);
    return text + "× " + (timeRatio < 1 ? "faster" : "slower");
  }

  /** What the times of a plan are divided by, as the baseline of a ratio. */
  static String dense(Plan plan) {
    return dense(plan.predicted().time().dense().getFirst().kernel());
  }

  /** The name of a kernel that runs dense, as the baseline of a ratio. */
  static String dense(String kernel) {
    return kernel.toLowerCase(Locale.ROOT).contains("dense") ? kernel : kernel + " dense";
  }

  /** For data: four significant digits are more than a page can show. */
  static double rounded(double value) {
    return value == 0
        ? 0
        : new BigDecimal(value).round(new MathContext(4, RoundingMode.HALF_EVEN)).doubleValue();
  }
}
