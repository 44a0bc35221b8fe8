package io.sparseplan.report.view;

import java.util.List;

/** A table of finished text; a cell without a figure holds {@value #NOTHING}. */
public record Table(List<Column> columns, List<List<String>> rows) {
  /** What a cell shows where there is no figure. */
  public static final String NOTHING = "–";

  /** A column and where its figures come from. */
  public record Column(String name, Basis basis) {
    /** The name, and after it where figures come from that were not given. */
    public String heading() {
      return basis == Basis.GIVEN ? name : name + " (" + basis.word() + ")";
    }
  }

  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "The row %s has %d cells; the table has %d columns."
                .formatted(row, row.size(), columns.size()));
      }
    }
  }
}
