package io.sparseplan.profiler.gpu;

/** Sees what sets of key tiles do to the rows of a query tile of a head. */
@FunctionalInterface
public interface SetScoreVisitor {
  /** One query tile of a head. The scores are valid until this returns. */
  void onUnit(int head, int queryTile, SetScores scores);
}
