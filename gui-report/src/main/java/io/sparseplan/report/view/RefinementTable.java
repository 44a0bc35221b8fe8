package io.sparseplan.report.view;

import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Refinement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a plan came from one round of refinement to the next. */
final class RefinementTable {
  private RefinementTable() {}

  /** A row for each plan that was measured; nothing where the plan was not refined. */
  static Optional<Table> of(Plan plan) {
    String dense = NumberText.dense(plan);
    return plan.calibration().refinement().map(refinement -> of(refinement, dense));
  }

  private static Table of(Refinement refinement, String dense) {
    var rows = new ArrayList<List<String>>();
    for (Refinement.Round round : refinement.rounds()) {
      rows.add(
          List.of(
              rows.isEmpty() ? "first plan" : "round " + rows.size(),
              NumberText.significant(round.predicted()),
              NumberText.significant(round.measuredOnFitting()),
              NumberText.significant(round.measuredOnHeldBack()),
              NumberText.ratio(round.timeRatio()),
              NumberText.count(round.changedHeads()),
              round.accepted() ? "yes" : "no"));
    }
    return new Table(
        List.of(
            new Table.Column("plan", Basis.GIVEN),
            new Table.Column("KL predicted", Basis.ESTIMATED),
            new Table.Column(
                "KL on %d prompts".formatted(refinement.fitting().members().size()),
                Basis.MEASURED),
            new Table.Column(
                "KL on %d held back".formatted(refinement.heldBack().members().size()),
                Basis.MEASURED),
            new Table.Column("time ÷ " + dense, Basis.ESTIMATED),
            new Table.Column("heads changed", Basis.COUNTED),
            new Table.Column("kept", Basis.MEASURED)),
        rows);
  }
}
