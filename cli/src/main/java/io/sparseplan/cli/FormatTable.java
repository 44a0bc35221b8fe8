package io.sparseplan.cli;

import io.sparseplan.plans.format.Format;
import io.sparseplan.plans.format.Formats;
import io.sparseplan.plans.format.KernelFormat;
import io.sparseplan.plans.format.PlanFormat;
import io.sparseplan.plans.format.ScoresFormat;
import java.util.Locale;

/** The formats as {@code show formats} prints them. */
final class FormatTable {
  private FormatTable() {}

  static String text() {
    var text = new StringBuilder();
    for (Format format : Formats.all()) {
      text.append(
          String.format(
              Locale.ROOT, "%-23s %s; %s%n", format.name(), format.system(), ways(format)));
      text.append(String.format(Locale.ROOT, "%-23s %s%n", "", format.file()));
      if (!format.loses().isEmpty()) {
        text.append(String.format(Locale.ROOT, "%-23s loses %s%n", "", format.loses()));
      }
    }
    return text.toString();
  }

  private static String ways(Format format) {
    return switch (format) {
      case PlanFormat plan when plan instanceof ScoresFormat ->
          "plans and scores, import and export";
      case PlanFormat plan -> "plans, import and export";
      case ScoresFormat scores -> "scores, import and export";
      case KernelFormat kernel -> "kernel inputs, export with --length";
    };
  }
}
