package io.sparseplan.report.view;

import io.sparseplan.plans.comparison.Comparison;
import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.profile.Profile;
import io.sparseplan.report.source.ChartedCurve;
import io.sparseplan.report.source.PlanDevice;
import io.sparseplan.report.source.Validation;
import java.util.List;
import java.util.Optional;

/**
 * What the page shows and neither the plan nor the evaluation says outright: finished text for the
 * verdict and the provenance, and the profile boiled down to what a reviewer looks at.
 *
 * @param profiled whether the figures of the heads come from a profile, or there was none
 * @param lengths the profiled lengths, or those of the workload, ascending
 * @param candidates in the order of the profile, or the patterns of the plan
 * @param heads in layer-major order
 * @param tradeOff the plan among others
 * @param search how the search came to the plan
 * @param times where its time goes, and {@code timesNote} what that rests on, or why it is not
 *     there
 * @param calibration the prompts of the profile, where there is one
 * @param diff what changed against the baseline, where one was given
 */
public record ReportView(
    Verdict verdict,
    List<String> warnings,
    boolean profiled,
    List<ShownLength> lengths,
    List<ShownCandidate> candidates,
    List<ShownHead> heads,
    ShownTradeOff tradeOff,
    ShownSearch search,
    Optional<ShownTimes> times,
    String timesNote,
    Optional<ShownCalibration> calibration,
    ShownValidity validity,
    Optional<ShownDiff> diff,
    List<FactGroup> provenance) {
  public ReportView {
    warnings = List.copyOf(warnings);
    lengths = List.copyOf(lengths);
    candidates = List.copyOf(candidates);
    heads = List.copyOf(heads);
    provenance = List.copyOf(provenance);
  }

  /** They must belong together: the profile scored every pattern and length of the plan. */
  public static ReportView of(
      Plan plan,
      Optional<Profile> profile,
      Optional<Evaluation> evaluation,
      Optional<Plan> baseline,
      Optional<PlanDevice> device,
      Optional<Comparison> comparison,
      Optional<ChartedCurve> curve,
      Optional<Validation> validation) {
    List<String> warnings = Warnings.of(plan, evaluation);
    HeadSource views =
        profile.isPresent() ? new HeadViews(plan, profile.get(), device) : new PlanAlone(plan);
    List<ShownCandidate> candidates = views.candidates();
    TimeAnalysis.Outcome times = TimeAnalysis.of(plan, profile, device);
    return new ReportView(
        Verdict.of(plan, evaluation, warnings),
        warnings,
        profile.isPresent(),
        views.lengths(),
        candidates,
        views.heads(),
        TradeOff.of(plan, candidates, comparison, curve),
        ShownSearch.of(plan),
        times.times(),
        times.note(),
        profile.map(found -> PromptAgreement.of(plan, found)),
        Validity.of(plan, device, validation),
        baseline.map(old -> ShownDiff.of(PlanDiff.between(old, plan))),
        Provenance.of(plan, evaluation));
  }
}
