package io.sparseplan.plans.profile;

import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.FrozenVerticalSlash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Freezes what a head looked at on calibration prompts into columns and diagonals, one tile wide.
 *
 * <p>Idea: what more than half of the prompts keep is stable, and only a head whose prompts agree
 * can be frozen. Its stable tiles are covered by whole lines, greedily by the share of a line's new
 * tiles that are stable (weighted set cover; Chvátal, Mathematics of Operations Research 4, 1979).
 * The result is MInference's {@code static} pattern (arXiv 2407.02490), whose lines its code takes
 * from one prompt without asking whether the next one has them too.
 */
final class FrozenLines {
  /** Prompts whose kept tiles are less alike than this do not agree. */
  static final double LEAST_AGREEMENT = 0.7;

  /** The share of the stable tiles that lines have to cover; fewer are no lines. */
  static final double COVERED = 0.95;

  /** A line of which less is stable is not taken. */
  private static final double LEAST_STABLE_SHARE = 0.25;

  /** The most of all visible tiles that is worth freezing. */
  private static final double MOST_DENSITY = 0.9;

  private final int side;
  private final KeptTiles stable;
  private final KeptTiles visited;
  private int uncovered;

  private FrozenLines(List<KeptTiles> prompts) {
    side = prompts.getFirst().side();
    stable = KeptTiles.none(side);
    visited = KeptTiles.none(side);
    for (int i = 0; i < side; i++) {
      visited.keep(i, i);
      for (int j = 0; j < i; j++) {
        int queryTile = i;
        int keyTile = j;
        long votes = prompts.stream().filter(kept -> kept.keeps(queryTile, keyTile)).count();
        if (2 * votes > prompts.size()) {
          stable.keep(i, j);
          uncovered++;
        }
      }
    }
  }

  /**
   * @param prompts what one head kept on two or more prompts of one length, tile by tile
   * @return empty if the prompts do not agree, if what they agree on is no lines, or is nearly
   *     everything
   */
  static Optional<FrozenVerticalSlash> of(List<KeptTiles> prompts, TileSize tile) {
    if (KeptTiles.agreements(prompts).average().orElse(0) < LEAST_AGREEMENT) {
      return Optional.empty();
    }
    var lines = new FrozenLines(prompts);
    int mayStayUncovered = (int) ((1 - COVERED) * lines.uncovered);
    var columns = new ArrayList<Tokens>();
    var distances = new ArrayList<Tokens>();
    while (lines.uncovered > mayStayUncovered) {
      Optional<Line> best = lines.best();
      if (best.isEmpty()) {
        return Optional.empty();
      }
      lines.visit(best.get());
      Tokens at = Tokens.of(best.get().at * tile.tokens());
      (best.get().isColumn ? columns : distances).add(at);
    }
    if (lines.visited.density() > MOST_DENSITY) {
      return Optional.empty();
    }
    return Optional.of(
        new FrozenVerticalSlash(
            columns.stream().sorted().toList(), distances.stream().sorted().toList()));
  }

  /**
   * A column, or a diagonal.
   *
   * @param at its key tile, or how many tiles it lies before the query's own
   */
  private record Line(boolean isColumn, int at) {
    int keyTile(int queryTile) {
      return isColumn ? at : queryTile - at;
    }
  }

  private Optional<Line> best() {
    Optional<Line> best = Optional.empty();
    double most = LEAST_STABLE_SHARE;
    for (int at = 0; at < side; at++) {
      for (Line line : List.of(new Line(true, at), new Line(false, at))) {
        double share = stableShare(line);
        if (share > most) {
          most = share;
          best = Optional.of(line);
        }
      }
    }
    return best;
  }

  /** Of the tiles that the line visits and no line before did, those that are stable. */
  private double stableShare(Line line) {
    int news = 0;
    int covered = 0;
    for (int i = line.at; i < side; i++) {
      int j = line.keyTile(i);
      if (!visited.keeps(i, j)) {
        news++;
        covered += stable.keeps(i, j) ? 1 : 0;
      }
    }
    return news == 0 ? 0 : (double) covered / news;
  }

  private void visit(Line line) {
    for (int i = line.at; i < side; i++) {
      int j = line.keyTile(i);
      uncovered -= stable.keeps(i, j) && !visited.keeps(i, j) ? 1 : 0;
      visited.keep(i, j);
    }
  }
}
