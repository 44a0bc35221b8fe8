package io.sparseplan.report.view;

import java.util.List;

/**
 * One number of the verdict, as it is shown.
 *
 * @param value the number, or {@code not measured}
 * @param unit what stands after it: a unit, or the dense kernel that it is a ratio to; perhaps
 *     empty
 * @param notes short sentences that say what the value is compared with
 */
public record Figure(String label, String value, String unit, Basis basis, List<String> notes) {
  public Figure {
    notes = List.copyOf(notes);
  }
}
