package io.sparseplan.report.view;

import io.sparseplan.plans.evaluation.Evaluation;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.plan.Plan;
import io.sparseplan.plans.plan.Prediction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The verdict's figures length by length: what was predicted beside what was measured. */
final class LengthTable {
  private final Plan plan;
  private final Optional<Measured> dense;
  private final Optional<Measured> measured;
  private final Set<String> kernels = new LinkedHashSet<>();

  private LengthTable(Plan plan, Optional<Evaluation> evaluation) {
    this.plan = plan;
    measured = evaluation.flatMap(Evaluation::plan);
    dense = evaluation.map(Evaluation::dense);
    for (Prediction.AtLength at : plan.predicted().byLength()) {
      at.time().dense().forEach(kernel -> kernels.add(kernel.kernel()));
    }
  }

  static Table of(Plan plan, Optional<Evaluation> evaluation) {
    var table = new LengthTable(plan, evaluation);
    return new Table(table.columns(), table.lengths().stream().map(table::row).toList());
  }

  private List<Table.Column> columns() {
    var columns = new ArrayList<Table.Column>();
    columns.add(new Table.Column("length, tokens", Basis.GIVEN));
    columns.add(new Table.Column("density", Basis.COUNTED));
    columns.add(new Table.Column("attention time, ms", Basis.ESTIMATED));
    for (String kernel : kernels) {
      columns.add(new Table.Column("÷ " + NumberText.dense(kernel), Basis.ESTIMATED));
    }
    columns.add(new Table.Column("predicted loss", Basis.ESTIMATED));
    if (measured.isPresent()) {
      columns.add(new Table.Column("loss change, nats", Basis.MEASURED));
      columns.add(new Table.Column("answers right, dense → plan", Basis.MEASURED));
      columns.add(new Table.Column("KL, nats a token", Basis.MEASURED));
    }
    return columns;
  }

  private Set<Tokens> lengths() {
    var lengths = new TreeSet<Tokens>();
    plan.predicted().byLength().forEach(at -> lengths.add(at.length()));
    measured.ifPresent(figures -> figures.byLength().forEach(at -> lengths.add(at.length())));
    return lengths;
  }

  private List<String> row(Tokens length) {
    var cells = new ArrayList<String>();
    cells.add(NumberText.count(length.count()));
    plan.predicted().byLength().stream()
        .filter(at -> at.length().equals(length))
        .findFirst()
        .ifPresentOrElse(
            at -> addPrediction(cells, at),
            () -> cells.addAll(Collections.nCopies(kernels.size() + 3, Table.NOTHING)));
    if (measured.isPresent()) {
      Optional<Measured.AtLength> ofDense = at(dense, length);
      Optional<Measured.AtLength> ofPlan = at(measured, length);
      if (ofDense.isPresent() && ofPlan.isPresent()) {
        addMeasured(cells, ofDense.get(), ofPlan.get());
      } else {
        cells.addAll(Collections.nCopies(3, Table.NOTHING));
      }
    }
    return cells;
  }

  private void addPrediction(List<String> cells, Prediction.AtLength at) {
    cells.add(NumberText.ratio(at.density()));
    cells.add(NumberText.significant(at.time().planMillis()));
    for (String kernel : kernels) {
      cells.add(
          at.time().dense().stream()
              .filter(other -> other.kernel().equals(kernel))
              .map(other -> at.time().planMillis() / other.millis())
              .map(ratio -> NumberText.ratio(ratio) + " · " + NumberText.speedUp(ratio))
              .findFirst()
              .orElse(Table.NOTHING));
    }
    cells.add(NumberText.significant(at.loss()));
  }

  private static void addMeasured(
      List<String> cells, Measured.AtLength dense, Measured.AtLength plan) {
    cells.add(NumberText.signed(plan.loss() - dense.loss()));
    cells.add(
        plan.answers() == 0
            ? Table.NOTHING
            : "%s → %s of %s"
                .formatted(
                    NumberText.percent(dense.answersExact()),
                    NumberText.percent(plan.answersExact()),
                    NumberText.count(plan.answers())));
    cells.add(NumberText.significant(plan.kl()));
  }

  private static Optional<Measured.AtLength> at(Optional<Measured> figures, Tokens length) {
    return figures.stream()
        .flatMap(all -> all.byLength().stream())
        .filter(at -> at.length().equals(length))
        .findFirst();
  }
}
