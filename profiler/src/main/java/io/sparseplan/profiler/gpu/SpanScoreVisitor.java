package io.sparseplan.profiler.gpu;

/** Sees what spans of key tiles do to the queries of a query tile of a head. */
@FunctionalInterface
public interface SpanScoreVisitor {
  /** One query tile of a head. The scores are valid until this returns. */
  void onUnit(int head, int queryTile, SpanScores scores);
}
