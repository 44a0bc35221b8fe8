package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.PlanDiff;
import io.sparseplan.plans.profile.Profile;
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
 * @param diff what changed against the baseline, where one was given
 */
public record ReportView(
    Verdict verdict,
    List<String> warnings,
    boolean profiled,
    List<ShownLength> lengths,
    List<ShownCandidate> candidates,
    List<ShownHead> heads,
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
      Optional<Plan> baseline) {
    List<String> warnings = Warnings.of(plan, evaluation);
    HeadSource views =
        profile.isPresent() ? new HeadViews(plan, profile.get()) : new PlanAlone(plan);
    return new ReportView(
        Verdict.of(plan, evaluation, warnings),
        warnings,
        profile.isPresent(),
        views.lengths(),
        views.candidates(),
        views.heads(),
        baseline.map(old -> ShownDiff.of(PlanDiff.between(old, plan))),
        Provenance.of(plan, evaluation));
  }
}
