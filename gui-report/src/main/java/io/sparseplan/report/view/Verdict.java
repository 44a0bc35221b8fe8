package io.sparseplan.report.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.plan.Plan;
import java.util.List;
import java.util.Optional;

/**
 * What was decided and what it costs, in finished text, so that the page and its plain form without
 * scripts say the same.
 *
 * @param headline the status in words
 * @param sentence what was decided
 * @param measuredOn which prompts the measured figures come from, or that there are none
 */
public record Verdict(
    Status status,
    String headline,
    String sentence,
    String measuredOn,
    List<Figure> figures,
    List<LimitCheck> limits,
    Table byLength) {
  private static final String TO_MEASURE =
      " To measure it: sparseplan evaluate MODEL --plan PLAN -o evaluation.json, then"
          + " sparseplan report PLAN --evaluation evaluation.json";

  /** How the plan stands. */
  public enum Status {
    /** Every limit kept, the loss measured, nothing to warn of. */
    @JsonProperty("pass")
    PASS,
    /** Every limit kept, but something for the reviewer to weigh. */
    @JsonProperty("warn")
    WARN,
    /** A limit is missed. */
    @JsonProperty("fail")
    FAIL
  }

  public Verdict {
    figures = List.copyOf(figures);
    limits = List.copyOf(limits);
  }

  /**
   * @param warnings what else the page warns of
   */
  static Verdict of(Plan plan, Optional<Evaluation> evaluation, List<String> warnings) {
    Optional<Measured> measured = evaluation.flatMap(Evaluation::plan);
    List<LimitCheck> limits = LimitChecks.of(plan);
    long missed = limits.stream().filter(limit -> !limit.kept()).count();
    Status status =
        missed > 0
            ? Status.FAIL
            : warnings.isEmpty() && measured.isPresent() ? Status.PASS : Status.WARN;
    return new Verdict(
        status,
        headline(status, missed, limits.size(), measured.isPresent()),
        sentence(plan),
        measuredOn(evaluation),
        VerdictFigures.of(plan, evaluation),
        limits,
        LengthTable.of(plan, evaluation));
  }

  private static String headline(Status status, long missed, int limits, boolean measured) {
    return switch (status) {
      case PASS -> "Within every limit";
      case WARN ->
          measured ? "Within every limit, with warnings" : "Within every limit, loss not measured";
      case FAIL -> "%d of %d limits missed".formatted(missed, limits);
    };
  }

  private static String sentence(Plan plan) {
    long dense = plan.heads().stream().filter(head -> head.prefill().equals(new Dense())).count();
    return ("Of the %s heads of %s, %s stay dense and %s run a sparse pattern:"
            + " on average a head visits %s of the tiles that dense attention visits.")
        .formatted(
            NumberText.count(plan.heads().size()),
            plan.model().name(),
            NumberText.count(dense),
            NumberText.count(plan.heads().size() - dense),
            NumberText.ratio(MeanDensity.of(plan)));
  }

  private static String measuredOn(Evaluation evaluation) {
    int prompts = Prompts.count(evaluation.promptSet());
    return evaluation.heldOut()
        ? "Measured on %s held-out prompts: the plan was made without them."
            .formatted(NumberText.count(prompts))
        : "Measured on %s prompts of which some made the plan: not held out."
            .formatted(NumberText.count(prompts));
  }

  private static String measuredOn(Optional<Evaluation> evaluation) {
    if (evaluation.flatMap(Evaluation::plan).isPresent()) {
      return measuredOn(evaluation.get());
    }
    return evaluation.isPresent()
        ? "The plan's loss was not measured: the evaluation ran dense attention alone." + TO_MEASURE
        : "The plan's loss was not measured: no evaluation was given." + TO_MEASURE;
  }
}
