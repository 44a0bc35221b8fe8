package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The last lines of a run: what was decided and what it is expected, and measured, to do. */
final class Summary {
  private final Plan plan;
  private final StringBuilder text = new StringBuilder();

  private Summary(Plan plan) {
    this.plan = plan;
  }

  static String of(Plan plan, Optional<Evaluation> evaluation) {
    var summary = new Summary(plan);
    summary.decided();
    summary.predictedLoss();
    evaluation.ifPresent(summary::measured);
    summary.times();
    plan.warnings().forEach(warning -> summary.line("Warning", "%s", warning));
    return summary.text.toString();
  }

  private void decided() {
    long dense = plan.heads().stream().filter(head -> head.prefill().equals(new Dense())).count();
    long patterns = plan.heads().stream().map(HeadDecision::prefill).distinct().count();
    double density =
        plan.predicted().byLength().stream()
            .mapToDouble(Prediction.AtLength::density)
            .average()
            .orElseThrow();
    line(
        "Decided",
        "%s for %s: %d of %d heads stay dense, %d patterns, mean density %.3f",
        plan.goal().limits().stream().map(Summary::limit).reduce((a, b) -> a + ", " + b).orElse(""),
        plan.model().name(),
        dense,
        plan.heads().size(),
        patterns,
        density);
  }

  private static String limit(Limit limit) {
    return switch (limit) {
      case Limit.MaxTime(double ratio) -> "time ≤ %s of dense".formatted(ratio);
      case Limit.MaxTimeAt(var length, double ratio) ->
          "time at %s ≤ %s of dense".formatted(length, ratio);
      case Limit.MaxDensity(double ratio) -> "density ≤ %s".formatted(ratio);
    };
  }

  private void predictedLoss() {
    line(
        "Loss",
        "predicted %.5f of output error, summed over heads; proven least %.5f, gap %.2f %%",
        plan.solver().loss().found(),
        plan.solver().loss().bound(),
        100 * plan.solver().gap());
  }

  private void measured(Evaluation evaluation) {
    evaluation
        .plan()
        .ifPresent(
            sparse -> {
              Measured dense = evaluation.dense();
              line(
                  "",
                  "measured %+.5f nats per %s (%.5f → %.5f), KL(dense‖plan) %.5f nats a token",
                  sparse.loss() - dense.loss(),
                  dense.answers() > 0 ? "answer token" : "token",
                  dense.loss(),
                  sparse.loss(),
                  sparse.kl());
              if (dense.answers() == 0) {
                return;
              }
              line(
                  "Answers",
                  "%d of %d exact, dense %d, on %d prompts %s",
                  sparse.answersRight(),
                  sparse.answers(),
                  dense.answersRight(),
                  evaluation.promptSet().members().size(),
                  evaluation.heldOut() ? "held out from tuning" : "that the plan was made from");
            });
  }

  private void times() {
    line(
        "Time",
        "predicted on %s (mean error %.1f %%), batch %d:",
        plan.device().name(),
        plan.device().meanErrorPercent(),
        plan.workload().batch());
    for (Prediction.AtLength at : plan.predicted().byLength()) {
      line("", "%6s tokens  %s", at.length(), against(at.time()));
    }
    line("", "%6s         %s", "all", against(plan.predicted().time()));
  }

  private static String against(Prediction.Times times) {
    List<String> ratios =
        times.dense().stream()
            .map(
                dense ->
                    "%.3f of dense %s (%.2f× its speed)"
                        .formatted(
                            times.planMillis() / dense.millis(),
                            dense.kernel(),
                            dense.millis() / times.planMillis()))
            .toList();
    return String.join(", ", ratios);
  }

  private void line(String label, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-11s ", label))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
