package io.sparseplan.report.text;

/** Colours a cell of the map of heads. */
@FunctionalInterface
public interface CellPaint {
  /** Leaves cells as they are, for where there are no colours. */
  CellPaint NONE = (cell, density) -> cell;

  /**
   * @param cell printable ASCII
   * @param density 0..1, or NaN where it is not known
   * @return the cell, which takes as much room as before
   */
  String paint(String cell, double density);
}
