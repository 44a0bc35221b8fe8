package io.sparseplan.profiler.kernel;

import static io.sparseplan.profiler.kernel.MicroKernel.SHORT_ROWS;
import static io.sparseplan.profiler.kernel.MicroKernel.TALL_ROWS;
import static io.sparseplan.profiler.kernel.MicroKernel.WIDTH;

/**
 * How the rows of an A operand split into panels: tall ones first, then short ones, with as few
 * padding rows as can be.
 *
 * @param rows rows that carry data
 * @param tallPanels panels of {@link MicroKernel#TALL_ROWS}
 * @param shortPanels panels of {@link MicroKernel#SHORT_ROWS}
 */
public record PanelSplit(int rows, int tallPanels, int shortPanels) {
  /** The split of that many rows. */
  public static PanelSplit of(int rows) {
    for (int padded = rows; ; padded++) {
      for (int shortPanels = 0; shortPanels * SHORT_ROWS <= padded; shortPanels++) {
        int tallRows = padded - shortPanels * SHORT_ROWS;
        if (tallRows % TALL_ROWS == 0) {
          return new PanelSplit(rows, tallRows / TALL_ROWS, shortPanels);
        }
      }
    }
  }

  /** Rows with padding: what the packed operand and the block of C must hold. */
  public int paddedRows() {
    return tallPanels * TALL_ROWS + shortPanels * SHORT_ROWS;
  }

  /** Panels of both kinds. */
  public int panels() {
    return tallPanels + shortPanels;
  }

  /** The first row of a panel. */
  public int firstRow(int panel) {
    return panel <= tallPanels
        ? panel * TALL_ROWS
        : tallPanels * TALL_ROWS + (panel - tallPanels) * SHORT_ROWS;
  }

  /** The rows of a panel, with padding. */
  public int rowsOf(int panel) {
    return panel < tallPanels ? TALL_ROWS : SHORT_ROWS;
  }

  /**
   * Packs {@code count} floats of one row.
   *
   * @param panels the packed operand
   * @param panelDepth the depth that it is packed for
   * @param firstK the depth at which the first of them goes
   */
  public void putRow(
      float[] panels,
      int panelDepth,
      int row,
      int firstK,
      float[] source,
      int sourceAt,
      int count) {
    int tallRows = tallPanels * TALL_ROWS;
    int rowsOfPanel = row < tallRows ? TALL_ROWS : SHORT_ROWS;
    int inPanel = row < tallRows ? row % TALL_ROWS : (row - tallRows) % SHORT_ROWS;
    int at = (row - inPanel) * panelDepth + firstK * rowsOfPanel + inPanel;
    for (int i = 0; i < count; i++) {
      panels[at + i * rowsOfPanel] = source[sourceAt + i];
    }
  }

  /**
   * Unpacks a row.
   *
   * @param panels the packed operand
   * @param panelDepth the depth that it is packed for
   * @param into so many floats
   */
  public void takeRow(float[] panels, int panelDepth, int row, float[] into) {
    int tallRows = tallPanels * TALL_ROWS;
    int rowsOfPanel = row < tallRows ? TALL_ROWS : SHORT_ROWS;
    int inPanel = row < tallRows ? row % TALL_ROWS : (row - tallRows) % SHORT_ROWS;
    int at = (row - inPanel) * panelDepth + inPanel;
    for (int k = 0; k < panelDepth; k++) {
      into[k] = panels[at + k * rowsOfPanel];
    }
  }

  /**
   * Packs what all rows hold at one depth.
   *
   * @param panels the packed operand
   * @param panelDepth the depth that it is packed for
   * @param k the depth
   * @param source one float for each of the {@link #rows}, from {@code sourceAt} on
   */
  public void putColumn(float[] panels, int panelDepth, int k, float[] source, int sourceAt) {
    for (int panel = 0; panel < panels(); panel++) {
      int row = firstRow(panel);
      int width = Math.min(rowsOf(panel), rows - row);
      System.arraycopy(source, sourceAt + row, panels, row * panelDepth + k * rowsOf(panel), width);
    }
  }

  /**
   * Unpacks what all rows hold at one depth.
   *
   * @param panels the packed operand
   * @param panelDepth the depth that it is packed for
   * @param k the depth
   * @param into one float for each of the {@link #rows}
   */
  public void takeColumn(float[] panels, int panelDepth, int k, float[] into) {
    for (int panel = 0; panel < panels(); panel++) {
      int row = firstRow(panel);
      int width = Math.min(rowsOf(panel), rows - row);
      System.arraycopy(panels, row * panelDepth + k * rowsOf(panel), into, row, width);
    }
  }

  /**
   * C = A·B for the panels that hold the first {@code neededRows} rows; C may get some rows more.
   *
   * @param a packed panels; the panel with first row r starts {@code r · panelDepth} after {@code
   *     aAt}
   * @param panelDepth the depth that panels were packed for
   * @param b one packed B panel
   * @param depth how many k of the panels to use
   * @param c rows of WIDTH floats
   */
  public void multiply(
      float[] a,
      int aAt,
      int panelDepth,
      float[] b,
      int depth,
      float[] c,
      int neededRows,
      boolean accumulate) {
    for (int panel = 0; panel < panels(); panel++) {
      int row = firstRow(panel);
      if (row >= neededRows) {
        return;
      }
      if (panel < tallPanels) {
        MicroKernel.tallRows(
            a, aAt + row * panelDepth, b, 0, depth, c, row * WIDTH, WIDTH, accumulate);
      } else {
        MicroKernel.shortRows(
            a, aAt + row * panelDepth, b, 0, depth, c, row * WIDTH, WIDTH, accumulate);
      }
    }
  }
}
