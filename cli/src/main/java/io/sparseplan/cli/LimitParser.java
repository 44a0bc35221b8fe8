package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Limit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Limits as users write them: a bare number is a ratio to dense, one with a unit is absolute. */
final class LimitParser {
  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile("([0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]{1,3})?)\\s*([A-Za-zµ]*)");

  private static final Map<String, Double> MILLIS =
      Map.of("us", 1e-3, "µs", 1e-3, "ms", 1.0, "s", 1e3);

  private static final Map<String, Double> BYTES =
      Map.of(
          "B", 1.0,
          "kB", 1e3,
          "MB", 1e6,
          "GB", 1e9,
          "TB", 1e12,
          "KiB", 0x1p10,
          "MiB", 0x1p20,
          "GiB", 0x1p30,
          "TiB", 0x1p40);

  private LimitParser() {}

  private record Quantity(double number, String unit) {}

  /**
   * @throws IllegalArgumentException if the text is neither such as 0.5 nor such as 12ms
   */
  static Limit time(String text) {
    Quantity quantity = quantity(text, "12ms");
    return quantity.unit().isEmpty()
        ? new Limit.MaxTime(quantity.number())
        : new Limit.MaxMillis(absolute(quantity, MILLIS, text, "us, ms, s"));
  }

  /** As {@link #time}, at one length. */
  static Limit timeAt(Tokens length, String text) {
    return switch (time(text)) {
      case Limit.MaxTime(double ratio) -> new Limit.MaxTimeAt(length, ratio);
      case Limit.MaxMillis(double millis) -> new Limit.MaxMillisAt(length, millis);
      case Limit other -> throw new IllegalStateException(other.toString());
    };
  }

  /**
   * @throws IllegalArgumentException if the text is neither such as 0.5 nor such as 512MiB
   */
  static Limit kv(Tokens length, String text) {
    Quantity quantity = quantity(text, "512MiB");
    return quantity.unit().isEmpty()
        ? new Limit.MaxKv(length, quantity.number())
        : new Limit.MaxKvBytes(
            length, (long) absolute(quantity, BYTES, text, "B, kB, MB, GB, KiB, MiB, GiB"));
  }

  private static Quantity quantity(String text, String absolute) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "The limit (%s) is neither a ratio such as 0.5 nor such as %s."
              .formatted(text, absolute));
    }
    return new Quantity(Double.parseDouble(matcher.group(1)), matcher.group(2));
  }

  private static double absolute(
      Quantity quantity, Map<String, Double> units, String text, String names) {
    Double unit = units.get(quantity.unit());
    if (unit == null) {
      throw new IllegalArgumentException(
          "The unit (%s) of the limit (%s) is none of %s.".formatted(quantity.unit(), text, names));
    }
    return quantity.number() * unit;
  }
}
