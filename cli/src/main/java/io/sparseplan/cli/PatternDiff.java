package io.sparseplan.cli;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.plan.HeadPlan;
import io.sparseplan.plans.plan.PlannedHead;
import java.util.Locale;

/**
 * In which heads two plans differ, where one of them was imported: patterns alone, as an imported
 * plan has no losses and no times.
 */
final class PatternDiff {
  private PatternDiff() {}

  /**
   * A line for the whole and one for each head that differs.
   *
   * @throws BadInputException if the plans are not for models of the same shape
   */
  static String text(HeadPlan baseline, HeadPlan plan) {
    requireShape(baseline, plan);
    var text = new StringBuilder();
    int changed = 0;
    for (int place = 0; place < plan.heads().size(); place++) {
      PlannedHead before = baseline.heads().get(place);
      PlannedHead after = plan.heads().get(place);
      if (!before.prefill().equals(after.prefill())
          || !before.decodeOrPrefill().equals(after.decodeOrPrefill())) {
        changed++;
        text.append(
            String.format(Locale.ROOT, "%-9s %s → %s%n", after.id(), label(before), label(after)));
      }
    }
    int heads = plan.heads().size();
    String sentence =
        changed == 0
            ? "Every head runs the baseline's pattern."
            : String.format(
                Locale.ROOT,
                "%d of %d heads run another pattern than in the baseline (churn %.1f %%).",
                changed,
                heads,
                100.0 * changed / heads);
    return sentence
        + "\nAn imported plan has no predicted losses and times, so these do not compare.\n\n"
        + text;
  }

  private static void requireShape(HeadPlan baseline, HeadPlan plan) {
    if (!baseline.model().layers().equals(plan.model().layers())
        || !baseline.model().attention().equals(plan.model().attention())) {
      throw new BadInputException(
          "The baseline is for %s (%d layers of %s); the plan is for %s (%d of %s)."
              .formatted(
                  baseline.model().name(),
                  baseline.model().layers().count(),
                  baseline.model().attention(),
                  plan.model().name(),
                  plan.model().layers().count(),
                  plan.model().attention()),
          "compare plans for models of one shape.");
    }
  }

  private static String label(PlannedHead head) {
    return head.prefill().label()
        + head.decode()
            .filter(decode -> !decode.equals(head.prefill()))
            .map(decode -> ", decode " + decode.label())
            .orElse("");
  }
}
