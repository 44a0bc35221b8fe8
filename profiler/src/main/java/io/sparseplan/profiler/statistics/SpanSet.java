package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TileGrid;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.TriShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;

/**
 * The candidates as what they come to on one grid. Candidates that come to the same share one
 * variant, and variants that differ only in where dense rows begin share one span: a dense row
 * loses nothing, so only spans need the passes over keys and values.
 */
final class SpanSet {
  /**
   * What the rows of a candidate see on a grid.
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

  /**
   * A span whose last rows may be dense.
   *
   * @param span number of the span
   * @param firstDenseQueryTile from which on query tiles see every key; the number of tiles if none
   */
  record Variant(int span, int firstDenseQueryTile) {}

  private final List<Span> spans;
  private final List<Variant> variants;
  private final int[] variantOfCandidate;
  private final int[] sinkTiles;

  SpanSet(List<Pattern> candidates, TileGrid grid) {
    var numberOfSpan = new LinkedHashMap<Span, Integer>();
    var numberOfVariant = new LinkedHashMap<Variant, Integer>();
    variantOfCandidate = new int[candidates.size()];
    for (int candidate = 0; candidate < variantOfCandidate.length; candidate++) {
      Pattern pattern = candidates.get(candidate);
      Span span =
          switch (pattern) {
            case Dense() -> new Span(0, grid.tiles());
            case ElasticSpan elastic -> span(elastic, grid);
            case TriShape tri -> span(tri.span(), grid);
            default -> throw new IllegalArgumentException(pattern.label());
          };
      int firstDense =
          switch (pattern) {
            case Dense(), ElasticSpan _ -> grid.tiles();
            case TriShape tri -> tri.firstDenseQueryTile(grid);
            default -> grid.tiles();
          };
      numberOfSpan.putIfAbsent(span, numberOfSpan.size());
      var variant = new Variant(numberOfSpan.get(span), firstDense);
      numberOfVariant.putIfAbsent(variant, numberOfVariant.size());
      variantOfCandidate[candidate] = numberOfVariant.get(variant);
    }
    spans = List.copyOf(numberOfSpan.keySet());
    variants = List.copyOf(numberOfVariant.keySet());
    var sinks = new TreeSet<Integer>();
    spans.forEach(span -> sinks.add(span.sinkTiles()));
    sinkTiles = sinks.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Span span(ElasticSpan elastic, TileGrid grid) {
    return new Span(elastic.sinkTiles(grid.tile()), elastic.windowTiles(grid));
  }

  List<Span> spans() {
    return spans;
  }

  List<Variant> variants() {
    return variants;
  }

  int variantOf(int candidate) {
    return variantOfCandidate[candidate];
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
