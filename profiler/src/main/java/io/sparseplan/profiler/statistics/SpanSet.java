package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;

/**
 * The candidates as what they come to on one grid: a number of sink tiles and a number of window
 * tiles. Candidates that come to the same share one span.
 */
final class SpanSet {
  /**
   * Sink tiles and window tiles of a candidate on a grid.
   *
   * @param sinkTiles key tiles from the start
   * @param windowTiles key tiles up to the query's own
   */
  record Span(int sinkTiles, int windowTiles) {
    /** Whether the query tile sees every visible key tile. */
    boolean isDenseAt(int queryTile) {
      return queryTile - windowTiles + 1 <= sinkTiles;
    }
  }

  private final List<Span> spans;
  private final int[] spanOfCandidate;
  private final int[] sinkTiles;

  SpanSet(List<Pattern> candidates, TileGrid grid) {
    var numbers = new LinkedHashMap<Span, Integer>();
    spanOfCandidate = new int[candidates.size()];
    for (int candidate = 0; candidate < spanOfCandidate.length; candidate++) {
      Span span =
          switch (candidates.get(candidate)) {
            case Dense() -> new Span(0, grid.tiles());
            case ElasticSpan elastic ->
                new Span(elastic.sinkTiles(grid.tile()), elastic.windowTiles(grid));
          };
      numbers.putIfAbsent(span, numbers.size());
      spanOfCandidate[candidate] = numbers.get(span);
    }
    spans = new ArrayList<>(numbers.keySet());
    var sinks = new TreeSet<Integer>();
    spans.forEach(span -> sinks.add(span.sinkTiles()));
    sinkTiles = sinks.stream().mapToInt(Integer::intValue).toArray();
  }

  List<Span> spans() {
    return spans;
  }

  int spanOf(int candidate) {
    return spanOfCandidate[candidate];
  }

  /** The different numbers of sink tiles, ascending. */
  int[] sinkTiles() {
    return sinkTiles;
  }

  /** The nearest to the start that a window of a span that is not dense there reaches. */
  int firstWindowTile(int queryTile) {
    int first = queryTile;
    for (Span span : spans) {
      if (!span.isDenseAt(queryTile)) {
        first = Math.min(first, queryTile - span.windowTiles() + 1);
      }
    }
    return first;
  }
}
