package io.sparseplan.search;

import io.sparseplan.plans.plan.Limit;
import java.util.Locale;

/**
 * How a limit is told.
 *
 * @param quantity what it limits
 * @param unit after a number
 * @param stepsOfUnit how finely numbers are told: in so many parts of the unit
 */
record LimitText(String quantity, String unit, double stepsOfUnit) {
  private static final String OF_DENSE = " of dense";
  private static final double RATIO = 1e4;
  private static final double MILLIS = 1e3;

  static LimitText of(Limit limit) {
    return switch (limit) {
      case Limit.MaxTime _ -> new LimitText("attention time of the workload", OF_DENSE, RATIO);
      case Limit.MaxTimeAt(var length, double _) ->
          new LimitText("attention time at length " + length, OF_DENSE, RATIO);
      case Limit.MaxMillis _ -> new LimitText("attention time of the workload", " ms", MILLIS);
      case Limit.MaxMillisAt(var length, double _) ->
          new LimitText("attention time at length " + length, " ms", MILLIS);
      case Limit.MaxDensity _ -> new LimitText("density", OF_DENSE, RATIO);
      case Limit.MaxKv(var length, double _) ->
          new LimitText("key-value cache at length " + length, OF_DENSE, RATIO);
      case Limit.MaxReads(var length, double _) ->
          new LimitText("reads of a decode step at length " + length, OF_DENSE, RATIO);
      case Limit.MaxKvBytes(var length, long _) ->
          new LimitText("key-value cache at length " + length, " bytes", 1);
    };
  }

  /** The number as it was given. */
  String text(double number) {
    return (stepsOfUnit == 1 ? Long.toString((long) number) : Double.toString(number)) + unit;
  }

  /** A number that is no less, in steps. */
  String roundedUp(double number) {
    double rounded = Math.ceil(number * stepsOfUnit) / stepsOfUnit;
    int decimals = (int) Math.round(Math.log10(stepsOfUnit));
    return String.format(Locale.ROOT, "%." + decimals + "f", rounded) + unit;
  }
}
