package io.sparseplan.cli;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.link.LossLink;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.HeadDecision;
import io.sparseplan.plans.plan.Limit;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import io.sparseplan.plans.plan.Refinement;
import io.sparseplan.plans.profile.Arithmetic;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The last lines of a run: what was decided and what it is expected, and measured, to do. */
final class Summary {
  private final Plan plan;
  private final StringBuilder text = new StringBuilder();

  private Summary(Plan plan) {
    this.plan = plan;
  }

  /**
   * @param link of the plan's profile, to estimate what is not measured
   */
  static String of(Plan plan, Optional<LossLink> link, Optional<Evaluation> evaluation) {
    var summary = new Summary(plan);
    summary.decided();
    summary.arithmetic();
    summary.predictedLoss();
    link.ifPresent(summary::estimated);
    plan.calibration().refinement().ifPresent(summary::refined);
    evaluation.ifPresent(summary::measured);
    summary.times();
    if (plan.goal().limits().stream().anyMatch(Summary::isOfCache)) {
      summary.caches();
    }
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
        goal(),
        plan.model().name(),
        dense,
        plan.heads().size(),
        patterns,
        density);
  }

  private String goal() {
    Stream<String> aim =
        switch (plan.goal().aim()) {
          case Aim.LeastLoss() -> Stream.empty();
          case Aim.LeastTime(double maxLoss) ->
              Stream.of("predicted loss ≤ %s".formatted(rounded(maxLoss)));
        };
    return Stream.concat(aim, plan.goal().limits().stream().map(Summary::limit))
        .collect(Collectors.joining(", "));
  }

  /** One that a link gave has all the digits that there are. */
  private static String rounded(double maxLoss) {
    return new BigDecimal(maxLoss, new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  private static String limit(Limit limit) {
    return switch (limit) {
      case Limit.MaxTime(double ratio) -> "time ≤ %s of dense".formatted(ratio);
      case Limit.MaxTimeAt(var length, double ratio) ->
          "time at %s ≤ %s of dense".formatted(length, ratio);
      case Limit.MaxMillis(double millis) -> "time ≤ %s ms".formatted(millis);
      case Limit.MaxMillisAt(var length, double millis) ->
          "time at %s ≤ %s ms".formatted(length, millis);
      case Limit.MaxKv(var length, double ratio) ->
          "key-value cache at %s ≤ %s of dense".formatted(length, ratio);
      case Limit.MaxReads(var length, double ratio) ->
          "reads of a decode step at %s ≤ %s of dense".formatted(length, ratio);
      case Limit.MaxKvBytes(var length, long bytes) ->
          "key-value cache at %s ≤ %s".formatted(length, ByteText.of(bytes));
      case Limit.MaxDensity(double ratio) -> "density ≤ %s".formatted(ratio);
    };
  }

  /** Float32 is the reference, and goes without saying. */
  private void arithmetic() {
    Arithmetic arithmetic = plan.calibration().arithmetic();
    if (arithmetic != Arithmetic.FLOAT32) {
      line("Profiled", "in %s", arithmetic.text());
    }
  }

  private void predictedLoss() {
    line(
        "Loss",
        "predicted %.5f %s%s, summed over heads; proven least %.5f%s",
        plan.solver().loss().found(),
        LossText.unit(plan.calibration().statistic()),
        switch (plan.goal().lossOver()) {
          case MEAN -> "";
          case WORST_LENGTH ->
              " at the worst length (mean %.5f)".formatted(plan.predicted().loss());
        },
        plan.solver().loss().bound(),
        plan.goal().aim() instanceof Aim.LeastLoss ? gap() : "");
  }

  /** By what the profile predicts; of a refined plan that is no longer what was linked. */
  private void estimated(LossLink link) {
    if (plan.calibration().refinement().isEmpty()) {
      text.append(LinkText.estimate(link, plan.solver().loss().found()));
    }
  }

  private String gap() {
    return String.format(Locale.ROOT, ", gap %.2f %%", 100 * plan.solver().gap());
  }

  private void refined(Refinement refinement) {
    line("Refined", "KL(dense‖plan), nats a token; kept where less on prompts held back:");
    for (int nth = 0; nth < refinement.rounds().size(); nth++) {
      Refinement.Round round = refinement.rounds().get(nth);
      line(
          "",
          "%7s  predicted %.5f, %.5f on %d prompts, %.5f on %d held back; time %.3f of dense%s",
          nth == 0 ? "first" : "round " + nth,
          round.predicted(),
          round.measuredOnFitting(),
          refinement.fitting().members().size(),
          round.measuredOnHeldBack(),
          refinement.heldBack().members().size(),
          round.timeRatio(),
          nth == 0 ? "" : whatCameOf(round));
    }
  }

  private static String whatCameOf(Refinement.Round round) {
    return ", %d heads changed, %s"
        .formatted(round.changedHeads(), round.accepted() ? "kept" : "dropped");
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
        "predicted on %s (%s), batch %d:",
        plan.device().name(),
        plan.device().errorLabel(),
        plan.workload().batch());
    for (Prediction.AtLength at : plan.predicted().byLength()) {
      line("", "%6s tokens  %s", at.length(), against(at.time()));
    }
    line("", "%6s         %s", "all", against(plan.predicted().time()));
    line("", "%s", DenseWinsText.of(plan.predicted().denseWins()));
    line("", "%s", VouchedText.of(plan.predicted().vouched()));
    line(
        "",
        "%.3f ms in all; proven least %s %.3f ms%s",
        plan.solver().timeMillis().found(),
        switch (plan.goal().aim()) {
          case Aim.LeastLoss() -> "for that loss";
          case Aim.LeastTime(double maxLoss) -> "within the goal";
        },
        plan.solver().timeMillis().bound(),
        plan.goal().aim() instanceof Aim.LeastTime ? gap() : "");
  }

  private void caches() {
    String ratios =
        plan.predicted().byLength().stream()
            .map(
                at ->
                    "%s of %s (%.3f) at %s tokens"
                        .formatted(
                            ByteText.of(at.kvCache().planBytes()),
                            ByteText.of(at.kvCache().denseBytes()),
                            at.kvCache().ratio(),
                            at.length()))
            .collect(Collectors.joining(", "));
    line("Cache", "%s", ratios);
  }

  private static boolean isOfCache(Limit limit) {
    return limit instanceof Limit.MaxKv || limit instanceof Limit.MaxKvBytes;
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
