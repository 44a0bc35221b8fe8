package io.sparseplan.report.view;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.sparseplan.plans.geometry.TileLists;

/**
 * A square map of shares as text: one hexadecimal digit a cell, row after row, only the cells that
 * the visibility shows. Half a byte a cell keeps a model of thousands of heads within a few
 * megabytes, and sixteen levels are more than an eye tells apart.
 *
 * @param digits empty where nothing was measured
 */
public record CellMap(@JsonValue String digits) {
  /** The level of a share of 1. */
  static final int FULL = 15;

  private static final CellMap NOT_MEASURED = new CellMap("");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public CellMap {
    if (!digits.matches("[0-9a-f]*")) {
      throw new IllegalArgumentException("The cells must be hexadecimal digits.");
    }
  }

  static CellMap notMeasured() {
    return NOT_MEASURED;
  }

  /**
   * Attention mass. Levels are even in the square root of the share, because most cells hold
   * little: level n stands for {@code (n ÷ 15)²}.
   *
   * @param shares of a query band's weight, 0..1, row after row, all {@code count²} cells
   */
  static CellMap ofMass(Bands bands, double[] shares) {
    var digits = new StringBuilder();
    for (int query = 0; query < bands.count(); query++) {
      for (int key = 0; key <= bands.lastVisible(query); key++) {
        double share = Math.min(1, shares[query * bands.count() + key]);
        append(digits, (int) Math.round(FULL * Math.sqrt(share)));
      }
    }
    return new CellMap(digits.toString());
  }

  /**
   * The tiles that a pattern visits. Level n stands for n ÷ 15 of the visible tiles of a cell,
   * where 0 is none, 15 is all, and anything between is neither.
   */
  static CellMap ofTiles(Bands bands, TileLists tiles) {
    var digits = new StringBuilder();
    for (int query = 0; query < bands.count(); query++) {
      for (int key = 0; key <= bands.lastVisible(query); key++) {
        append(digits, visitedLevel(bands, tiles, query, key));
      }
    }
    return new CellMap(digits.toString());
  }

  private static int visitedLevel(Bands bands, TileLists tiles, int queryBand, int keyBand) {
    long visible = 0;
    long visited = 0;
    for (int query = bands.firstTile(queryBand); query < bands.firstTile(queryBand + 1); query++) {
      int end = Math.min(bands.firstTile(keyBand + 1) - 1, bands.grid().lastVisibleKeyTile(query));
      for (int key = bands.firstTile(keyBand); key <= end; key++) {
        visible++;
        visited += tiles.visits(query, key) ? 1 : 0;
      }
    }
    if (visited == 0) {
      return 0;
    }
    return visited == visible
        ? FULL
        : Math.clamp(Math.round((double) FULL * visited / visible), 1, FULL - 1);
  }

  private static void append(StringBuilder digits, int level) {
    digits.append(Character.forDigit(level, 16));
  }
}
