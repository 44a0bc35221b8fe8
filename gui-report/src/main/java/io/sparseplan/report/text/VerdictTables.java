package io.sparseplan.report.text;

import io.sparseplan.report.view.Basis;
import io.sparseplan.report.view.Table;
import io.sparseplan.report.view.Verdict;
import java.util.List;

/** The verdict's figures as tables, for formats that have nothing else. */
final class VerdictTables {
  private VerdictTables() {}

  static Table figures(Verdict verdict) {
    return new Table(
        List.of(
            new Table.Column("figure", Basis.GIVEN),
            new Table.Column("value", Basis.GIVEN),
            new Table.Column("basis", Basis.GIVEN),
            new Table.Column("notes", Basis.GIVEN)),
        verdict.figures().stream()
            .map(
                figure ->
                    List.of(
                        figure.label(),
                        (figure.value() + " " + figure.unit()).strip(),
                        figure.basis().word(),
                        String.join("; ", figure.notes())))
            .toList());
  }

  static Table limits(Verdict verdict) {
    return new Table(
        List.of(
            new Table.Column("limit", Basis.GIVEN),
            new Table.Column("expected", Basis.GIVEN),
            new Table.Column("found", Basis.GIVEN),
            new Table.Column("all values, by length", Basis.GIVEN),
            new Table.Column("basis", Basis.GIVEN),
            new Table.Column("kept", Basis.GIVEN)),
        verdict.limits().stream()
            .map(
                limit ->
                    List.of(
                        limit.quantity(),
                        limit.expected(),
                        limit.found(),
                        limit.all(),
                        limit.basis().word(),
                        limit.kept() ? "yes" : "no"))
            .toList());
  }
}
