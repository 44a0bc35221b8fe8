package io.sparseplan.cli;

import io.sparseplan.plans.check.CheckReport;
import io.sparseplan.plans.check.GateResult;
import io.sparseplan.plans.check.GateResult.Value;
import io.sparseplan.plans.check.HeadDrift;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The result of a check as people read it. */
final class CheckText {
  /** As many values as a line bears. */
  private static final int MOST_VALUES = 8;

  private final StringBuilder text = new StringBuilder();

  private CheckText() {}

  static String of(CheckReport report, Path plan) {
    var check = new CheckText();
    check.line(
        "%s  %s with the plan %s. %s",
        switch (report.verdict()) {
          case UNCHANGED -> "valid  ";
          case VALID -> "valid  ";
          case GATE_FAILED -> "failed ";
          case RETUNE -> "retune ";
        },
        report.now().name(),
        plan,
        report.reason());
    check.line(
        "Weights  %s, of the plan %s",
        report.now().weights().abbreviated(), report.before().weights().abbreviated());
    if (!report.heads().isEmpty()) {
      check.drift(report);
    }
    check.gates(report.gates());
    return check.text.toString();
  }

  private void drift(CheckReport report) {
    line(
        "Heads    %d of %d attend otherwise than when the plan was made%s",
        report.drifted().size(), report.heads().size(), report.drifted().isEmpty() ? "" : ":");
    for (HeadDrift head : report.drifted()) {
      line(
          "         %-8s %.3f of its weight moved, entropy by %.2f bits; its pattern keeps %.3f, kept %.3f; loss %.3g, was %.3g",
          head.id(),
          head.moved(),
          head.entropyBits(),
          head.keptNow(),
          head.keptBefore(),
          head.lossNow(),
          head.lossBefore());
    }
  }

  /** A table of expected, found and all values. */
  static String table(List<GateResult> gates) {
    var check = new CheckText();
    check.gates(gates);
    return check.text.toString();
  }

  private void gates(List<GateResult> gates) {
    if (gates.isEmpty()) {
      return;
    }
    line("%-8s %-9s %-5s %11s %11s  %s", "Gate", "result", "level", "expected", "found", "values");
    for (GateResult gate : gates) {
      line(
          "%-8s %-9s %-5s %11s %11s  %s",
          gate.quantity().title(),
          gate.outcome().name().toLowerCase(Locale.ROOT),
          gate.level().name().toLowerCase(Locale.ROOT),
          gate.quantity().sign() + " " + number(gate.expected()),
          gate.found().map(CheckText::number).orElse("-"),
          gate.note().orElseGet(() -> values(gate)));
    }
  }

  private static String values(GateResult gate) {
    String shown =
        gate.values().stream()
            .limit(MOST_VALUES)
            .map(CheckText::value)
            .collect(Collectors.joining(", "));
    int more = gate.values().size() - MOST_VALUES;
    return more > 0 ? shown + ", and %d more".formatted(more) : shown;
  }

  static String value(Value value) {
    return "%s: %s".formatted(value.of(), number(value.value()));
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.5g", value);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
