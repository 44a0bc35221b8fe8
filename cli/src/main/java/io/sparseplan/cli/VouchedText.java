package io.sparseplan.cli;

import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Vouched;
import java.util.List;
import java.util.stream.Collectors;

/** How far a plan is vouched for, in a sentence. */
final class VouchedText {
  private VouchedText() {}

  static String of(Vouched vouched) {
    return switch (vouched.beyond()) {
      case DENSE ->
          "Vouched for up to %s tokens; longer prompts run dense.".formatted(vouched.upTo());
      case PATTERNS ->
          "Vouched for up to %s tokens; longer prompts run the patterns all the same."
              .formatted(vouched.upTo());
    };
  }

  /**
   * @param lengths at which the plan runs dense
   */
  static String denseAt(List<Tokens> lengths, Vouched vouched) {
    return "At %s tokens every head is dense: the plan is vouched for up to %s."
        .formatted(
            lengths.stream().map(Tokens::toString).collect(Collectors.joining(", ")),
            vouched.upTo());
  }
}
