package io.sparseplan.cli;

import io.sparseplan.plans.check.GateResult;

/** A gate's result in one sentence. */
final class GateSentence {
  private GateSentence() {}

  static String of(GateResult gate) {
    String expected =
        "%s %s expected".formatted(gate.quantity().sign(), CheckText.number(gate.expected()));
    String found =
        gate.found()
            .map(value -> "found " + CheckText.number(value))
            .orElseGet(() -> "not measured: " + gate.note().orElse("unknown"));
    return "%s: %s, %s (%s)."
        .formatted(gate.quantity().title(), expected, found, gate.quantity().meaning());
  }
}
