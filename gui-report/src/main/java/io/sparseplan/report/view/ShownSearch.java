package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Aim;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.SearchStep;
import io.sparseplan.plans.plan.SolverOutcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How the search came to the plan, in finished text.
 *
 * @param sentence how far the plan may be from the best one
 * @param steps a row for each step; none where the plan was chosen in a peer's way
 * @param refinement a row for each plan that was measured on the way, where the search was repeated
 *     by what they lost
 */
public record ShownSearch(String sentence, Table steps, Optional<Table> refinement) {
  static ShownSearch of(Plan plan) {
    SolverOutcome solver = plan.solver();
    String dense = NumberText.dense(plan);
    boolean byTime =
        switch (plan.goal().aim()) {
          case Aim.LeastLoss() -> false;
          case Aim.LeastTime _ -> true;
        };
    return new ShownSearch(
        byTime ? ofTime(solver, dense) : ofLoss(solver),
        new Table(
            List.of(
                new Table.Column("stage", Basis.GIVEN),
                new Table.Column("layers simulated", Basis.COUNTED),
                new Table.Column("loss", Basis.ESTIMATED),
                new Table.Column("time ÷ " + dense, Basis.ESTIMATED),
                new Table.Column(
                    byTime ? "bound of the time ÷ " + dense : "bound of the loss", Basis.PROVEN),
                new Table.Column("gap", Basis.PROVEN)),
            solver.trail().stream().map(ShownSearch::row).toList()),
        RefinementTable.of(plan));
  }

  private static String ofTime(SolverOutcome solver, String dense) {
    return "The plan takes %s ms; no plan within the goal takes less than %s ms: a gap of %s of the time of %s."
        .formatted(
            NumberText.significant(solver.timeMillis().found()),
            NumberText.significant(solver.timeMillis().bound()),
            NumberText.percent(solver.gap()),
            dense);
  }

  private static String ofLoss(SolverOutcome solver) {
    return "The plan loses %s; no plan within the goal loses less than %s: a gap of %s of the way to the cheapest plan."
        .formatted(
            NumberText.significant(solver.loss().found()),
            NumberText.significant(solver.loss().bound()),
            NumberText.percent(solver.gap()));
  }

  private static List<String> row(SearchStep step) {
    return List.of(
        step.stage().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        NumberText.count(step.simulatedLayers()),
        NumberText.significant(step.loss()),
        NumberText.ratio(step.timeRatio()),
        NumberText.significant(step.bound()),
        step.gap().map(NumberText::percent).orElse("not within the goal"));
  }
}
