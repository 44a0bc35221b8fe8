package io.sparseplan.report;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.report.view.ReportView;
import java.util.Optional;

/**
 * Everything that a page holds. The page is a function of it, and it can be read back from the
 * page.
 */
public record ReportData(Plan plan, Optional<Evaluation> evaluation, ReportView view) {
  /** What a page of this input holds. */
  public static ReportData of(ReportInput input) {
    return new ReportData(
        input.plan(),
        input.evaluation(),
        ReportView.of(
            input.plan(),
            input.profile(),
            input.evaluation(),
            input.baseline(),
            input.device(),
            input.comparison(),
            input.curve(),
            input.validation()));
  }
}
