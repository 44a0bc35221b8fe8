package io.sparseplan.cli;

import io.sparseplan.plans.plan.DenseWins;

/** Where dense attention is faster than a plan, in a sentence. */
final class DenseWinsText {
  private DenseWinsText() {}

  static String of(DenseWins wins) {
    return wins.below()
        .map(
            below ->
                "Dense is faster below %s tokens (tried up to %s)."
                    .formatted(below, wins.triedTo()))
        .orElseGet(
            () ->
                "Dense is faster at every length that was tried, up to %s tokens."
                    .formatted(wins.triedTo()));
  }
}
