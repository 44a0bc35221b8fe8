package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.profile.Profile;
import java.util.List;
import java.util.Optional;

/**
 * What the page shows and neither the plan nor the evaluation says outright: finished text for the
 * verdict and the provenance, and the profile boiled down to what a reviewer looks at.
 *
 * @param lengths the profiled lengths, ascending
 * @param candidates in the order of the profile
 * @param heads in layer-major order
 */
public record ReportView(
    Verdict verdict,
    List<String> warnings,
    List<ShownLength> lengths,
    List<ShownCandidate> candidates,
    List<ShownHead> heads,
    List<FactGroup> provenance) {
  public ReportView {
    warnings = List.copyOf(warnings);
    lengths = List.copyOf(lengths);
    candidates = List.copyOf(candidates);
    heads = List.copyOf(heads);
    provenance = List.copyOf(provenance);
  }

  /** The three must belong together: the profile scored every pattern and length of the plan. */
  public static ReportView of(Plan plan, Profile profile, Optional<Evaluation> evaluation) {
    List<String> warnings = Warnings.of(plan, evaluation);
    var views = new HeadViews(plan, profile);
    return new ReportView(
        Verdict.of(plan, evaluation, warnings),
        warnings,
        views.lengths(),
        views.candidates(),
        views.heads(),
        Provenance.of(plan, evaluation));
  }
}
